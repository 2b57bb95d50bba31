"""The law's pages, open to everybody: every figure in force with its source, and the calculators.

Forms are sent with GET: nothing is kept, so there is nothing to protect, and an answer can be bookmarked.
"""

import json
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from saas.calculators.fields import unreadable
from saas.calculators.run import CALCULATORS, Calculator, NotCalculated
from saas.cases.reading import Unreadable, clean_text, read_date
from saas.kernel import clock
from saas.kernel.config import settings
from saas.portals.law import words
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.language import language_asked, other_languages, spoken
from saas.portals.shared.tenancy import house, page
from saas.rules.coming_act import changes
from saas.rules.horizon import due_warnings, warnings_by_day
from saas.rules.law import figures_in_force, load_law
from saas.rules.words import all_in_language, say
from saas.verifier import certificate_schema

pages = Blueprint("law", __name__, template_folder="templates", url_prefix="/law")
Answer = str | tuple[str, int]
_EXAMPLES: dict[str, dict[str, Any]] = {
    "interest": {"principal_ore": 1_000_000, "from": "2024-06-15", "to": "2024-06-27", "day_basis": "act/act"},
    "fees": {"principal_ore": 300_000, "due_on": "2026-09-15", "on": "2026-10-14", "charged_ore": 3_800},
    "allocation": {
        "amount_ore": 150_000,
        "items": [{"kind": "notice_fee", "amount_ore": 3_800}, {"kind": "principal", "amount_ore": 400_000}],
    },
    "deadlines": {"letter": "payment_demand", "sent_on": "2026-09-01"},
    "kid": {"kid": "123456782"},
}


@pages.after_request
def never_kept(response: Response) -> Response:
    """Today's figures are not tomorrow's."""
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


@pages.get("")
def figures() -> Answer:
    """Every figure in force on a day: value, period, how sure we are, source."""
    typed = request.args.get("on", "")
    on, error = _today(), ""
    if typed.strip():
        try:
            on = read_date(clean_text(typed))
        except Unreadable as problem:
            error = unreadable(say("Datoen"), problem)
    found = figures_in_force(on)
    listed = all_in_language(words.sections(found), language_asked())
    sources = {row.source: None for section in listed for row in section.rows}
    shown = _said(
        "law/figures.html",
        here="figures",
        on=on,
        typed=typed if error else f"{on:%d.%m.%Y}",
        error=error,
        failed=bool(error),
        sections=listed,
        sources={source: number for number, source in enumerate(sources, start=1)},
        unsure=[row for section in listed for row in section.rows if not row.is_sure],
        unknown=words.unknown(found),
        missing=warnings_by_day(due_warnings(load_law(), _today())),
        coming=changes(),
        new_act_from=settings().new_act_from,
    )
    return (shown, 422) if error else shown


@pages.get("/certificate.schema.json")
def schema_of_certificates() -> Response:
    """The published shape of a certificate (JSON Schema)."""
    return Response(certificate_schema(), mimetype="application/schema+json")


@pages.get("/interest")
def interest() -> Answer:
    """Late interest."""
    return _calculator("interest")


@pages.get("/fees")
def fees() -> Answer:
    """Notice fees and agency fee."""
    return _calculator("fees")


@pages.get("/allocation")
def allocation() -> Answer:
    """What a payment covers first."""
    return _calculator("allocation")


@pages.get("/deadlines")
def deadlines() -> Answer:
    """What follows from the day a letter was sent."""
    return _calculator("deadlines")


@pages.get("/kid")
def kid() -> Answer:
    """Check or make a KID."""
    return _calculator("kid")


def _calculator(name: str) -> Answer:
    calculator, language = CALCULATORS[name], language_asked()
    schema = calculator.form(language)
    if not request.args.keys() - {"language"}:
        return _page(name, form_of(schema))
    given, errors = read_form(schema, request.args)
    answer = None
    if not errors:
        try:
            answer = calculator.run(given)
        except NotCalculated as wrong:
            errors = wrong.errors
    form = form_of(schema, request.args, all_in_language(_by_form_name(calculator, errors), language))
    shown = _page(name, form, answer, given)
    return (shown, 422) if errors else shown


def _by_form_name(calculator: Calculator, errors: dict[str, Any]) -> dict[str, Any]:
    """Errors under the names a form has for the fields."""
    names = {field.data_key or name: name for name, field in calculator.form(language_asked()).fields.items()}
    return {names.get(key, key): found for key, found in errors.items()}


def _page(name: str, form: Form, answer: Any = None, given: dict[str, Any] | None = None) -> str:
    return _said(
        f"law/{name}.html",
        here=name,
        form=form,
        failed=form.has_errors,
        answer=answer,
        given=given or {},
        example=json.dumps(_EXAMPLES[name]),
        fee_names=words.FEE_NAMES,
        day_names=words.DAY_NAMES,
        item_names=words.ITEM_NAMES,
    )


def _said(template: str, **shown: Any) -> str:
    """A page in the language asked for."""
    language = language_asked()
    return page(
        template, **all_in_language(shown, language), **spoken(language), other_languages=other_languages(language)
    )


def _today() -> date:
    """The tenant's day; outside a tenant the real one, in Oslo."""
    tenant = house()
    return clock.today(tenant) if tenant else clock.wall_now().astimezone(clock.OSLO).date()
