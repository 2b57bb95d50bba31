"""The staff's pages (for saksbehandlere og administratorer): payments, dispatch, settlement, the book.

Staff sign in at the creditor's desk; what each page shows hangs its own routes on `pages`.
"""

from flask import Blueprint, current_app, g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from saas.access.roles import Action, may
from saas.access.users import Signed
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.language import remember_language
from saas.portals.shared.sessions import never_stored
from saas.rules.words import say

pages = Blueprint("admin", __name__, template_folder="templates", url_prefix="/admin")
pages.after_request(never_stored)
pages.after_request(remember_language)

TABS = (  # endpoint, what the menu says, who sees it
    ("admin.payments", say("Innbetalinger"), Action.PLACE_PAYMENTS),
    ("admin.dispatch", say("Utsending"), Action.HANDLE_CASES),
    ("admin.settlement", say("Oppgjør"), Action.REMIT),
    ("admin.book", say("Boken"), Action.SEE_BOOK),
    ("admin.plugins", say("Tillegg"), Action.SWITCH_PLUGINS),
    ("admin.accounts", say("Avtaler"), Action.CHANGE_SETTINGS),
    ("admin.letter_texts", say("Brevtekster"), Action.CHANGE_SETTINGS),
)


@pages.context_processor
def _who() -> dict[str, object]:
    user = g.get("user")
    known = current_app.view_functions
    tabs = [(name, text) for name, text, action in TABS if user and name in known and may(user.role, action)]
    return {"kind": "desk", "user": user, "tabs": tabs}


@pages.get("/")
@at_desk(Action.SEE_BOOK)
def home(user: Signed) -> Answer | AnyResponse:
    """The first page the role may see."""
    first = next(name for name, _, action in TABS if may(user.role, action) and name in current_app.view_functions)
    return redirect(url_for(first), 303)
