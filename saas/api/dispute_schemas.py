"""What the API takes and gives about objections, lost costs and estates. An objection itself comes in by
`saas.cases.objection_schemas`."""

from marshmallow import Schema, fields, validate

from saas.rules.lost_costs import LostCostReason, Scope
from saas.rules.objections import ObjectionKind, Outcome, Standing


def _one_of(words: type[ObjectionKind] | type[Outcome] | type[Standing] | type[Scope]) -> validate.OneOf:
    return validate.OneOf([each.value for each in words])


class ObjectionAnswered(Schema):
    """An objection with its answer."""

    id = fields.UUID()
    case_number = fields.Integer()
    kind = fields.String(validate=_one_of(ObjectionKind))
    text = fields.String()
    invoice_number = fields.String(metadata={"description": "Empty: every invoice of the case."})
    disputed_ore = fields.Integer(allow_none=True, metadata={"description": "null: all of it."})
    raised_on = fields.Date()
    answer_by = fields.Date(metadata={"description": "The debtor has an answer by then at the latest."})
    standing = fields.String(validate=_one_of(Standing))
    outcome = fields.String(allow_none=True, validate=_one_of(Outcome))
    answer = fields.String()
    answered_on = fields.Date(allow_none=True)
    deadline_on = fields.Date(allow_none=True, metadata={"description": "The new deadline the answer gives."})
    taken_off_ore = fields.Integer()


class ObjectionList(Schema):
    """All objections of a case."""

    objections = fields.List(fields.Nested(ObjectionAnswered))


class LostCostsBody(Schema):
    """Why costs are lost."""

    reason = fields.String(required=True, validate=validate.OneOf([each.value for each in LostCostReason]))
    note = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=1000), validate.ContainsNoneOf("\x00")],
        metadata={"description": "What happened, in your own words."},
    )
    lawful_ore = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, 10**12),
        metadata={"description": "What all costs may lawfully come to; needed when only the excess is lost."},
    )
    restart = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "Begin anew at the collection notice. A faulty letter always does."},
    )


class LostCosts(Schema):
    """What was taken off, and how much of it had been paid."""

    reason = fields.String()
    scope = fields.String(validate=_one_of(Scope))
    amount_ore = fields.Integer()
    refund_ore = fields.Integer()
    restarts = fields.Boolean()
    decided_on = fields.Date()


class DeathBody(Schema):
    """The day of death."""

    died_on = fields.Date(required=True, allow_none=True, metadata={"description": "null: the report was wrong."})


class BankruptcyBody(Schema):
    """The day the bankruptcy was opened."""

    opened_on = fields.Date(required=True, allow_none=True, metadata={"description": "null: the report was wrong."})


class Stopped(Schema):
    """The debtor's open cases."""

    cases = fields.List(fields.Integer())
