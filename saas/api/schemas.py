"""What the API takes and gives beside claims. Amounts are whole øre and end in `_ore`; dates are ISO."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from saas.cases.reported_schemas import FactRow, FactSchema
from saas.rules.facts import Stage

STAGES = {stage.name.lower(): stage for stage in Stage}


class _Label(fields.String):
    """An enum member by its name in small letters."""

    def _serialize(self, value, attr, obj, **kwargs):  # type: ignore[no-untyped-def]
        return value.name.lower() if value is not None else None


# --- claims ---------------------------------------------------------------------------------------------------------


class IntakeQuery(Schema):
    """How to register."""

    creditor = fields.String(metadata={"description": "Slug of the creditor; needed when the key serves several."})
    accept_valid = fields.Boolean(
        load_default=False, metadata={"description": "Register the valid claims even when others are wrong."}
    )
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Give the verdicts and register nothing."})


class Verdict(Schema):
    """The answer to one claim."""

    row = fields.Integer(metadata={"description": "Place in the list, from 1."})
    outcome = fields.String(validate=validate.OneOf(["accepted", "duplicate", "rejected"]))
    case_number = fields.Integer(allow_none=True)
    invoice_number = fields.String()
    errors = fields.Dict(metadata={"description": "Field → what to do about it."})
    notes = fields.List(fields.String(), metadata={"description": "Taken, but know this."})


class IntakeReport(Schema):
    """What became of the claims."""

    registered = fields.Boolean(metadata={"description": "Whether anything was written."})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    new_cases = fields.Integer()
    principal_ore = fields.Integer()
    verdicts = fields.List(fields.Nested(Verdict))


# --- cases ----------------------------------------------------------------------------------------------------------


class CaseQuery(Schema):
    """Which cases."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000))
    stage = fields.String(validate=validate.OneOf(list(STAGES)))
    words = fields.String(
        load_default="",
        validate=[validate.Length(max=200), validate.ContainsNoneOf("\x00")],
        metadata={"description": "Case number, invoice number, or part of the debtor's name."},
    )
    held = fields.Boolean(load_default=False)


class CaseRow(Schema):
    """A case in a list."""

    number = fields.Integer()
    stage = _Label()
    debtor_name = fields.String()
    creditor_name = fields.String()
    invoices = fields.List(fields.String())
    principal_ore = fields.Integer()
    principal_left_ore = fields.Integer()
    next_step = fields.String(attribute="next_rung", allow_none=True)
    next_action_on = fields.Date(allow_none=True)
    letter_under_way = fields.Boolean()
    holds = fields.List(fields.String())


class CasePage(Schema):
    """One page of cases, newest first."""

    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
    rows = fields.List(fields.Nested(CaseRow), data_key="cases")


class ClaimView(Schema):
    """A claim on a case."""

    invoice_number = fields.String()
    kind = fields.String()
    description = fields.String()
    invoiced_on = fields.Date()
    due_on = fields.Date()
    principal_ore = fields.Integer()
    principal_left_ore = fields.Integer()


class LetterView(Schema):
    """A letter sent or on its way."""

    step = fields.String()
    state = fields.String()
    on = fields.Date()
    deadline_on = fields.Date()
    fee_ore = fields.Integer()


class HoldView(Schema):
    """Why a case stands still."""

    reason = fields.String()
    since = fields.Date()
    until = fields.Date(allow_none=True)


class Sums(Schema):
    """What is owed; null when an interest rate is not known for the day."""

    principal_ore = fields.Integer()
    interest_ore = fields.Integer(allow_none=True)
    costs_ore = fields.Integer()
    paid_ore = fields.Integer()
    total_ore = fields.Integer(allow_none=True)


class StatementLine(Schema):
    """One line of how the sum came about."""

    label = fields.String()
    amount_ore = fields.Integer()
    how = fields.String()
    rule_ids = fields.List(fields.String())
    ref = fields.String()
    on = fields.Date(allow_none=True)


class CaseStatus(Schema):
    """A case. `lines` (how the sum came about) is given to the tenant's own keys."""

    number = fields.Integer()
    stage = _Label()
    stage_since = fields.Date()
    creditor_name = fields.String()
    debtor_name = fields.String()
    kid = fields.String()
    registered_on = fields.Date()
    closed_on = fields.Date(allow_none=True)
    closed_because = fields.String()
    claims = fields.List(fields.Nested(ClaimView))
    sums = fields.Nested(Sums)
    holds = fields.List(fields.Nested(HoldView))
    letters = fields.List(fields.Nested(LetterView))
    next_step = fields.String(attribute="next_rung", allow_none=True)
    next_action_on = fields.Date(allow_none=True)
    lines = fields.List(fields.Nested(StatementLine), allow_none=True)


class FactsBody(Schema):
    """Statements to add; what stands already is not added again."""

    facts = fields.List(fields.Nested(FactSchema), required=True, validate=validate.Length(min=1, max=100))


class FactsAnswer(Schema):
    """How many were new."""

    added = fields.Integer()


class FactRowsBody(Schema):
    """Statements about many cases; each names its case by number or by invoice."""

    facts = fields.List(fields.Nested(FactRow), required=True, validate=validate.Length(min=1, max=5_000))
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Give the verdicts and store nothing."})


class FactVerdict(Schema):
    """The answer to one statement."""

    row = fields.Integer(metadata={"description": "Place in the list, from 1."})
    outcome = fields.String(validate=validate.OneOf(["stored", "known", "wrong"]))
    case_number = fields.Integer(allow_none=True)
    name = fields.String()
    errors = fields.Dict(metadata={"description": "Field → what to do about it."})


class FactReport(Schema):
    """What became of the statements: all are stored, or with one wrong none."""

    stored = fields.Boolean()
    verdicts = fields.List(fields.Nested(FactVerdict))


class DeferralBody(Schema):
    """A debtor asks for more time."""

    until = fields.Date(required=True, metadata={"description": "The last day of the time asked for."})


class DeferralAnswer(Schema):
    """The answer, with its reasons."""

    outcome = fields.String(validate=validate.OneOf(["granted", "refused", "ask_person"]))
    until = fields.Date(allow_none=True)
    answer_by = fields.Date(allow_none=True, metadata={"description": "When a person has answered at the latest."})
    because = fields.List(fields.Dict())


# --- plugins --------------------------------------------------------------------------------------------------------


class PluginState(Schema):
    """A plugin, and where it is switched on."""

    slug = fields.String()
    name = fields.String()
    description = fields.String()
    level = fields.String()
    version = fields.String()
    purpose = fields.String()
    state = fields.String()
    mode = fields.String()
    enabled = fields.Boolean()
    settings = fields.Dict(metadata={"description": "Secrets that are set are shown as a mask."})
    trouble = fields.String()
    last_trouble = fields.String()
    last_trouble_at = fields.DateTime(allow_none=True)


class PluginList(Schema):
    """Every installed plugin."""

    plugins = fields.List(fields.Nested(PluginState))


class PluginSwitchBody(Schema):
    """On or off, or how far on the way. `settings` left out keeps what is stored; a secret's mask keeps the secret."""

    enabled = fields.Boolean(load_default=None, allow_none=True)
    mode = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(["off", "shadow", "canary", "on"]),
        metadata={"description": "Goes before `enabled`."},
    )
    percent = fields.Integer(load_default=100, strict=True, validate=validate.Range(min=1, max=100))
    settings = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)

    @validates_schema
    def _says_something(self, data: dict[str, Any], **_: Any) -> None:
        if data["enabled"] is None and data["mode"] is None:
            raise ValidationError("Oppgi `enabled` eller `mode`.", "enabled")


class PluginSwitchAnswer(Schema):
    """The switch as it now stands."""

    slug = fields.String()
    creditor = fields.String(allow_none=True)
    enabled = fields.Boolean()
    mode = fields.String()
    percent = fields.Integer()
    settings = fields.Dict()


class PluginChange(Schema):
    """One change of a switch. Secrets are told by name."""

    id = fields.UUID()
    kind = fields.String()
    at = fields.DateTime()
    actor = fields.String()
    creditor_id = fields.UUID()
    before = fields.Dict(allow_none=True)
    after = fields.Dict(allow_none=True)
    secrets_changed = fields.List(fields.String())


class PluginChanges(Schema):
    """The newest changes, newest first."""

    changes = fields.List(fields.Nested(PluginChange))


class PluginTrialBody(Schema):
    """What is to be tried: on the open cases, or on months that have been."""

    kind = fields.String(required=True, validate=validate.OneOf(["preview", "backtest"]))
    creditor = fields.String(load_default=None, allow_none=True)
    settings = fields.Dict(keys=fields.String(), load_default=dict)
    from_on = fields.Date(load_default=None, allow_none=True)
    to_on = fields.Date(load_default=None, allow_none=True)


class PluginTrial(Schema):
    """How far a trial is, and what it found."""

    id = fields.UUID()
    slug = fields.String()
    kind = fields.String()
    state = fields.String()
    done = fields.Integer()
    total = fields.Integer()
    from_on = fields.Date(allow_none=True)
    to_on = fields.Date(allow_none=True)
    result = fields.Dict()
