"""Dispatch at the desk (utsending): a day's letters and their proof, what waits for a person, how the channels are."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from marshmallow import Schema, fields, validate

from saas.access.roles import Action
from saas.access.users import Signed
from saas.cases import by_hand
from saas.cases.addresses import enter_address
from saas.cases.dispatch_desk import channels_of, crossings, day_of, letters_of, persons_list
from saas.cases.letters import letter_of_case
from saas.cases.lifecycle import get_case
from saas.cases.models import Case, Debtor
from saas.cases.reach import change_reach, reach_of
from saas.cases.reach_schemas import as_typed, reach_schema, said_of, shown_of
from saas.dispatch.health import open_again
from saas.kernel import clock
from saas.kernel.errors import BadInput, Refused
from saas.portals.admin import dispatch_words as words
from saas.portals.admin.pages import pages
from saas.portals.admin.plot import bars_of
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.letter_words import LETTER_KINDS, file_name
from saas.portals.shared.tenancy import open_here, page
from saas.rules.words import say
from tenants.resolve import Tenant


@pages.context_processor
def _words() -> dict[str, Any]:
    return {
        "KINDS": LETTER_KINDS,
        "why_of": words.why_of,
        "trouble_of": words.trouble_of,
        "speaks": request.path.startswith("/admin/dispatch"),
        "CHANNELS": words.CHANNELS,
        "STATES": words.STATES,
        "ATTENTION": words.ATTENTION,
        "HEALTH": words.HEALTH,
    }


class AddressSchema(Schema):
    """Where the debtor lives now."""

    line_1 = fields.String(
        required=True,
        validate=validate.Length(min=1, max=60, error=say("Skriv gate og nummer, eller postboks.")),
        error_messages={"required": say("Skriv gate og nummer, eller postboks.")},
        metadata={"label": say("Adresse"), "width": 40},
    )
    line_2 = fields.String(
        load_default="", validate=validate.Length(max=60), metadata={"label": say("Mer adresse"), "width": 40}
    )
    postcode = fields.String(
        required=True,
        validate=validate.Length(min=1, max=12, error=say("Skriv postnummeret.")),
        error_messages={"required": say("Skriv postnummeret.")},
        metadata={"label": say("Postnummer"), "width": 8},
    )
    city = fields.String(
        required=True,
        validate=validate.Length(min=1, max=60, error=say("Skriv poststedet.")),
        error_messages={"required": say("Skriv poststedet.")},
        metadata={"label": say("Poststed"), "width": 24},
    )


@pages.get("/dispatch")
@at_desk(Action.HANDLE_CASES)
def dispatch(user: Signed) -> Answer:
    """Today, or the day asked for."""
    return _day_page()


@pages.get("/dispatch/case/<int:number>")
@at_desk(Action.HANDLE_CASES)
def case_dispatch(user: Signed, number: int) -> Answer:
    """A case's letters with their proof, and where the debtor lives."""
    with open_here() as tenant:
        return _case_page(tenant, get_case(tenant, number=number))


@pages.get("/dispatch/case/<int:number>/letter/<uuid:dispatch_id>")
@at_desk(Action.SEE_DEBTORS)
def case_letter(user: Signed, number: int, dispatch_id: UUID) -> Answer:
    """The very PDF of a letter, also of one that has not left yet or was withdrawn."""
    with open_here() as tenant:
        found, kept = letter_of_case(tenant, get_case(tenant, number=number).id, dispatch_id, for_staff=True)
    response = Response(kept.pdf, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=file_name(found))
    return response


@pages.post("/dispatch/case/<int:number>/address")
@at_desk(Action.HANDLE_CASES)
def case_address(user: Signed, number: int) -> Answer:
    """The debtor's new address."""
    schema = AddressSchema()
    typed, errors = read_form(schema, request.form)
    with open_here() as tenant:
        case = get_case(tenant, number=number, lock=True)
        if errors:
            return _case_page(tenant, case, form_of(schema, request.form, errors)), 422
        lines = [typed["line_1"], typed["line_2"]]
        enter_address(
            tenant, case, lines=lines, postcode=typed["postcode"], city=typed["city"],
            now=clock.now(tenant), actor=user.actor,
        )  # fmt: skip
    return redirect(url_for("admin.case_dispatch", number=number, done="address"), 303)


@pages.post("/dispatch/case/<int:number>/reach")
@at_desk(Action.HANDLE_CASES)
def case_reach(user: Signed, number: int) -> Answer:
    """What the debtor has told us of how they want to be reached."""
    with open_here() as tenant:
        case, now = get_case(tenant, number=number, lock=True), clock.now(tenant)
        schema = reach_schema(reach_of(tenant, case, now=now), staff=True)
        typed, errors = read_form(schema, request.form)
        if errors:
            return _case_page(tenant, case, reach_form=form_of(schema, request.form, errors)), 422
        change_reach(
            tenant,
            case,
            said=said_of(request.form.get("shown", ""), typed),
            language=typed["language"],
            email=typed["email_address"],
            phone=typed["phone_number"],
            source="desk",
            now=now,
            actor=user.actor,
        )
    return redirect(url_for("admin.case_dispatch", number=number, done="reach"), 303)


@pages.post("/dispatch/<uuid:dispatch_id>/<what>")
@at_desk(Action.HANDLE_CASES)
def dispatch_action(user: Signed, dispatch_id: UUID, what: str) -> Answer:
    """What a person decides of one letter, with the reason that goes into the history."""
    reason = request.form.get("reason", "")
    try:
        with open_here() as tenant:
            now = clock.now(tenant)
            if what == "again":
                by_hand.send_again(tenant, dispatch_id, reason, now=now, actor=user.actor)
            elif what == "counted":
                on = _day(request.form.get("on", ""))
                by_hand.count_as_sent(tenant, dispatch_id, on, reason, now=now, actor=user.actor)
            elif what == "stopped":
                by_hand.stop(tenant, dispatch_id, reason, now=now, actor=user.actor)
            else:
                what = "aside"
                by_hand.put_aside(tenant, dispatch_id, reason, now=now, actor=user.actor)
    except BadInput as wrong:
        return _day_page({"letter": dispatch_id, "message": _first(wrong)}), 422
    except Refused as no:
        return _day_page({"letter": dispatch_id, "message": no.message}), 409
    return redirect(url_for("admin.dispatch", done=what), 303)


@pages.post("/dispatch/channels/<slug>/open")
@at_desk(Action.CHANGE_SETTINGS)
def open_channel(user: Signed, slug: str) -> Answer:
    """What stopped the channel has been put right."""
    with open_here() as tenant:
        open_again(tenant, slug, wall_now=clock.wall_now(), now=clock.now(tenant), actor=user.actor)
    return redirect(url_for("admin.dispatch", done="opened"), 303)


def _day_page(wrong: dict[str, Any] | None = None) -> str:
    asked = request.args
    with open_here() as tenant:
        today = clock.today(tenant)
        on = _day(asked.get("day", ""), today)
        page_number = int(asked["page"]) if asked.get("page", "").isdecimal() else 1
        channels = channels_of(tenant, clock.wall_now())
        return page(
            "admin/dispatch.html",
            wrong=wrong,
            done=words.DONE.get(asked.get("done", "")),
            today=today,
            shown=day_of(tenant, on, state=asked.get("state", ""), channel=asked.get("channel", ""), page=page_number),
            chosen_state=asked.get("state", ""),
            chosen_channel=asked.get("channel", ""),
            waiting=persons_list(tenant),
            channels=channels,
            plots={channel.slug: bars_of(channel.hours) for channel in channels},
            crossings=crossings(tenant, today),
        )


def _case_page(tenant: Tenant, case: Case, form: Form | None = None, reach_form: Form | None = None) -> str:
    debtor = tenant.session.get_one(Debtor, (tenant.id, case.debtor_id))
    reach = reach_of(tenant, case, now=clock.now(tenant))
    lines = [*debtor.address_lines, "", ""]
    known = {"line_1": lines[0], "line_2": lines[1], "postcode": debtor.postcode, "city": debtor.city}
    return page(
        "admin/case_dispatch.html",
        case=case,
        letters=letters_of(tenant, case),
        debtor=debtor,
        form=form or form_of(AddressSchema(), known),
        shown=request.form.get("shown", "") if reach_form else shown_of(reach),
        reach_form=reach_form or form_of(reach_schema(reach, staff=True), as_typed(reach)),
        failed=form is not None or reach_form is not None,
        done=words.DONE.get(request.args.get("done", "")),
        today=clock.today(tenant),
    )


def _day(text: str, otherwise: date | None = None) -> date:
    """Raises BadInput when it is no day and there is none to take instead."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        if otherwise is None:
            raise BadInput({"on": [say("Velg dagen brevet ble sendt.")]}) from None
        return otherwise


def _first(wrong: BadInput) -> str:
    messages = next(iter(wrong.errors.values()))
    found = messages[0] if isinstance(messages, list) else messages
    return found if isinstance(found, str) else str(found)
