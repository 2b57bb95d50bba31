"""Who may do what: one table, asked through `allow`. A creditor user sees only the creditor's own rows besides."""

from enum import StrEnum

from saas.kernel.errors import Forbidden


class Role(StrEnum):
    """What a user or a key is."""

    ADMIN = "admin"  # tenant admin (administrator)
    HANDLER = "handler"  # case handler (saksbehandler)
    CREDITOR = "creditor"  # the creditor's own people and machines (oppdragsgiver)


class Action(StrEnum):
    """Something a role may or may not do."""

    SEE_CASES = "see_cases"
    REGISTER_CLAIMS = "register_claims"
    REPORT_FACTS = "report_facts"
    SEE_DEBTORS = "see_debtors"  # address, birth date, contact
    SEE_HISTORY = "see_history"
    REQUEST_DEFERRAL = "request_deferral"
    RAISE_OBJECTIONS = "raise_objections"  # on the debtor's behalf: what the creditor is told counts as well (E5)
    ANSWER_OBJECTIONS = "answer_objections"
    HANDLE_CASES = "handle_cases"  # hold, release, close, answer requests
    SEE_MONEY = "see_money"
    IMPORT_PAYMENTS = "import_payments"
    PLACE_PAYMENTS = "place_payments"
    REMIT = "remit"
    APPROVE_PAYOUTS = "approve_payouts"  # the second pair of eyes on where a creditor's money goes
    SEE_BOOK = "see_book"  # the ledger's invariants, reconciliation
    SEE_PLUGINS = "see_plugins"
    SWITCH_PLUGINS = "switch_plugins"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_ACCESS = "manage_access"  # users and API keys
    MOVE_CLOCK = "move_clock"  # a sandbox tenant only


_CREDITOR = frozenset(
    {
        Action.SEE_CASES,
        Action.REGISTER_CLAIMS,
        Action.REPORT_FACTS,
        Action.SEE_MONEY,
        Action.RAISE_OBJECTIONS,
        Action.ANSWER_OBJECTIONS,
    }
)
_HANDLER = _CREDITOR | {
    Action.SEE_DEBTORS,
    Action.SEE_HISTORY,
    Action.REQUEST_DEFERRAL,
    Action.HANDLE_CASES,
    Action.IMPORT_PAYMENTS,
    Action.PLACE_PAYMENTS,
    Action.SEE_BOOK,
    Action.SEE_PLUGINS,
}
PERMITTED: dict[Role, frozenset[Action]] = {
    Role.CREDITOR: _CREDITOR,
    Role.HANDLER: _HANDLER,
    Role.ADMIN: frozenset(Action),
}


def may(role: str, action: Action) -> bool:
    """Whether the role may; for menus and buttons."""
    return action in PERMITTED[Role(role)]


def allow(role: str, action: Action) -> None:
    """Go on only when the role may. Raises Forbidden."""
    if not may(role, action):
        raise Forbidden("Rollen din gir ikke tilgang til dette. Spør en administrator hos dere.")
