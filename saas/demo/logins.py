"""Who can log in to the demo, and with what. Made up, printed on the screen, and worth nothing."""

import json
from collections.abc import Callable

import sqlalchemy as sa

from saas.access.api_keys import new_key
from saas.access.models import User
from saas.access.users import add_user
from saas.demo.bank import let_money_out
from saas.demo.letters import PrintedLetter
from saas.demo.people import BYGDA_BREDBAND, FJORD, NORDLYS_KRAFT, VESTLYS_KRAFT
from saas.demo.scenes import case_of
from saas.demo.stage import Player, Stage
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.ids import NIL
from tenants.resolve import open_tenant

Say = Callable[[str], None]
PASSWORD = "fjord-og-fjell-2026"  # noqa: S105 - the demo's, told to everybody
_FJORD_USERS = (
    ("admin@fjord.example", "Frøya Admin", "admin", None),
    ("leder@fjord.example", "Leif Leder", "admin", None),
    ("saksbehandler@fjord.example", "Sander Saksbehandler", "handler", None),
    ("nordlys@fjord.example", "Nora Nordlys", "creditor", NORDLYS_KRAFT),
    ("bygda@fjord.example", "Birk Bygda", "creditor", BYGDA_BREDBAND),
)
_VESTLYS_USERS = (
    ("admin@vestlys.example", "Vilde Admin", "admin", None),
    ("krav@vestlys.example", "Vetle Vestlys", "creditor", VESTLYS_KRAFT),
)
_DEBTORS = (("Tora Lindvik", "contract runs: more time is refused"), ("Emil Haugland", "no contract: it is granted"))


def let_people_in(stage: Stage) -> None:
    """Add the users and the API key that are not there yet, and let two of them say where money may go."""
    for player in stage.players:
        with open_tenant(player.tenant_id) as tenant:
            now = clock.now(tenant)
            there = set(tenant.session.scalars(sa.select(User.email).where(User.tenant_id == tenant.id)))
            for email, name, role, creditor in _users(player):
                if email not in there:
                    creditor_id = player.creditors[creditor] if creditor else NIL
                    add_user(
                        tenant, email=email, name=name, password=PASSWORD, role=role, creditor_id=creditor_id,
                        now=now, actor="cli",
                    )  # fmt: skip
            keys = _keys()
            if player.slug not in keys:
                keys[player.slug] = new_key(tenant, "Demo", "admin", NIL, now)
                _keep(keys)
        if player.licence:
            let_money_out(player, "admin@fjord.example", "leder@fjord.example")


def say_logins(stage: Stage, say: Say) -> None:
    """Addresses, users, the API key, and two letters to log in with."""
    say("")
    say("Look around: `make demo` serves it next, `make serve` at any time")
    for player in stage.players:
        url = f"{settings().public_url}/t/{player.slug}"
        say(f"  {player.name}")
        say(f"    creditors and staff    {url}/creditor/    password {PASSWORD}")
        for email, _, role, creditor in _users(player):
            say(f"      {email:<30} {role}{f' of {creditor}' if creditor else ''}")
        say(f"    API    {settings().public_url}/api/v1/docs")
        say(f"      Authorization: Bearer {_keys().get(player.slug)}")
        say(f"    debtors    {url}/    with the case number and the code in the letter")
        for letter, who in _letters(player):
            say(f"      case {letter.case_number}, code {letter.login_code}    {letter.name}, {who}")


def _letters(player: Player) -> list[tuple[PrintedLetter, str]]:
    """The latest letters with a code that still works: those of the two the story points at, or else anybody's."""
    with open_tenant(player.tenant_id) as tenant:
        today = clock.today(tenant)
        valid = [letter for letter in player.world.letters if letter.login_until >= today]
        open_ones = [x for x in valid if (case := case_of(tenant, x.name)) is not None and case.closed_on is None]
    latest = {letter.name: letter for letter in open_ones}
    wanted = [(latest[name], who) for name, who in _DEBTORS if name in latest]
    return wanted or [(letter, "open") for letter in list(latest.values())[-2:]]


def _users(player: Player) -> tuple[tuple[str, str, str, str | None], ...]:
    return _FJORD_USERS if player.slug.startswith(FJORD) else _VESTLYS_USERS


def _keys() -> dict[str, str]:
    """A key is shown once, when it is made; the demo remembers it beside its data."""
    path = settings().home / "demo_keys.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _keep(keys: dict[str, str]) -> None:
    path = settings().home / "demo_keys.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(keys))
