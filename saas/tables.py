"""Every table there is: importing this fills `Base.metadata`."""

from saas.access import models as _access
from saas.api import models as _api
from saas.cases import models as _cases
from saas.dispatch import models as _dispatch
from saas.documents import models as _documents
from saas.kernel import history as _history
from saas.kernel.db import Base
from saas.ledger import models as _ledger
from saas.payments import models as _payments
from tenants import models as _tenants

metadata = Base.metadata

__all__ = ["metadata"]
_LOADED = (_access, _api, _cases, _dispatch, _documents, _history, _ledger, _payments, _tenants)
