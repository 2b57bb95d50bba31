"""Goes behind the hooks, to the service's own tables."""

from saas.cases.models import Case
from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "imports_cases"

    @hookimpl
    def hold_case(self, case, today):
        Case.stage = 40
