"""Who is at the desk: the tenant's staff, or a creditor's user who reads through a wall of its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from saas.access.roles import Action, allow
from saas.access.users import Signed, find_user
from saas.kernel.ids import NIL
from saas.portals.shared.sessions import sign_out, signed_in
from saas.portals.shared.tenancy import open_here

Answer = str | AnyResponse | tuple[str, int]


def at_desk(action: Action) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Only for a signed-in user whose role may do `action`; hands the view who it is."""

    def wrap(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def checked(**arguments: Any) -> Answer:
            user = _user()
            if user is None:
                return redirect(url_for("creditor.login", grunn="logg-inn"), 303)
            allow(user.role, action)
            return view(user, **arguments)

        return checked

    return wrap


def _user() -> Signed | None:
    user_id = signed_in("desk")
    if user_id is None:
        return None
    with open_here() as tenant:  # users stand behind the staff wall
        user = find_user(tenant, user_id)
    if user is None:
        sign_out()
    g.user = user
    return user


def creditor_chosen(user: Signed, typed: str) -> UUID:
    """Whose claim is registered: pinned for a creditor's user, chosen by staff. Raises ValueError for no choice."""
    return user.creditor_id if user.creditor_id != NIL else UUID(typed)
