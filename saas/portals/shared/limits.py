"""How often may be tried (rate limits), kept in Redis so that every process counts together."""

from datetime import UTC, datetime

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from saas.kernel.clock import OSLO
from saas.portals.shared.tenancy import tenant_here

limiter = Limiter(key_func=get_remote_address, strategy="moving-window", headers_enabled=False)

PER_ADDRESS, PER_CASE, PER_USER = "30 per 15 minutes", "10 per 15 minutes", "10 per 15 minutes"


def failed(response: Response) -> bool:
    """Only attempts that did not let anybody in count."""
    return response.status_code != 303


def case_number_typed() -> str:
    """The case number tried, however it was typed."""
    digits = "".join(c for c in request.form.get("case_number", "")[:40] if c.isdigit()).lstrip("0")
    return f"case:{tenant_here()}:{digits}"


def email_typed() -> str:
    """The e-mail address tried."""
    return f"user:{tenant_here()}:{request.form.get('email', '')[:254].strip().lower()}"


def address_and_path() -> str:
    """Who calls what: a neighbour's caller behind the same address is not held up."""
    return f"{get_remote_address()} {request.path[:200]}"


def free_again_at() -> datetime | None:
    """When the next attempt will be let through, in Oslo."""
    limit = limiter.current_limit
    return datetime.fromtimestamp(limit.reset_at, UTC).astimezone(OSLO) if limit else None
