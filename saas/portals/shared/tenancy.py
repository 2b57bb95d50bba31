"""Whose pages these are: the tenant by path prefix (`/t/<slug>/…`) or by its own host name.

The prefix moves to SCRIPT_NAME before routing, so one set of routes serves both and every link keeps its prefix.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, cast
from uuid import UUID

from flask import g, render_template, request

from saas.kernel.errors import NotFound
from saas.kernel.ids import NIL
from saas.portals.shared.language import language_here, other_languages, spoken
from saas.rules.words import all_in_language
from tenants.resolve import Tenant, find_tenant, open_tenant

_SLUG = "frist.tenant_slug"


@dataclass(frozen=True, slots=True)
class House:
    """Who sends the page: a copy, so that an error page can be made after the transaction is rolled back."""

    name: str
    orgnr: str
    licence_number: str | None
    address_lines: tuple[str, ...]
    phone: str
    phone_hours: str
    email: str
    brand_colour: str
    client_account: str
    sandbox_on: date | None


Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def by_path_prefix(app: Wsgi) -> Wsgi:
    """WSGI middleware: takes `/t/<slug>` off the path and notes the slug."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        parts = environ.get("PATH_INFO", "").split("/", 3)
        environ.pop(_SLUG, None)
        if len(parts) == 4 and parts[:2] == ["", "t"] and parts[2]:
            environ[_SLUG] = parts[2]
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/t/{parts[2]}"
            environ["PATH_INFO"] = f"/{parts[3]}"
        return app(environ, start_response)

    return serve


def tenant_here() -> UUID:
    """The tenant this request is for. Raises NotFound."""
    if "tenant_id" not in g:
        slug = request.environ.get(_SLUG)
        g.tenant_id = find_tenant(slug=slug) if slug else find_tenant(host=request.host.partition(":")[0])
    return cast(UUID, g.tenant_id)


@contextmanager
def open_here(creditor_id: UUID = NIL) -> Iterator[Tenant]:
    """One transaction of this request's tenant. Raises NotFound."""
    with open_tenant(tenant_here(), creditor_id) as tenant:
        g.house = _house_of(tenant)
        yield tenant


def page(template: str, **words: Any) -> str:
    """A page in the tenant's frame, in the language of whoever reads it."""
    language = words.get("language") or language_here()
    spoken_words = {**spoken(language), "other_languages": other_languages(language)}
    return render_template(template, **{**spoken_words, **all_in_language(words, language)})


def _house_of(tenant: Tenant) -> House:
    copied = {field.name: getattr(tenant.settings, field.name) for field in fields(House)}
    return House(**copied | {"address_lines": tuple(tenant.settings.address_lines)})


def house() -> House | None:
    """Who sends this page; None outside a tenant. For the frame, also of error pages."""
    if "house" not in g:
        try:
            with open_here():
                pass
        except NotFound:
            g.house = None
    return cast(House | None, g.house)
