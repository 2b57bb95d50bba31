"""What the calculators answer, as JSON. Amounts are øre; `words` are for people."""

from typing import Any

from marshmallow import Schema, fields, post_dump


class Answer(Schema):
    """An answer; what a line has no use for is left out."""

    @post_dump
    def _leave_out_what_is_not(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


def _rules() -> fields.List:
    return fields.List(fields.String(), metadata={"description": "Ids of the rules the line rests on."})


class InterestLine(Answer):
    """A stretch with one balance, one rate and one year basis. `to` itself bears no interest."""

    from_on = fields.Date(data_key="from")
    to_on = fields.Date(data_key="to")
    balance_ore = fields.Integer()
    rate_percent = fields.Decimal(as_string=True, metadata={"example": "12.50"})
    days = fields.Integer()
    year_days = fields.Integer()
    amount_ore = fields.Integer()
    formula = fields.String()
    rule_ids = _rules()
    words = fields.String()


class InterestAnswer(Answer):
    """The sum of the rounded lines."""

    total_ore = fields.Integer()
    lines = fields.List(fields.Nested(InterestLine))


class FeeLine(Answer):
    """One fee or cap."""

    what = fields.String()
    amount_ore = fields.Integer()
    rule_ids = _rules()
    words = fields.String()


class FeesAnswer(Answer):
    """The most that may be charged. The caps are for all out-of-court costs together."""

    collection_rate_ore = fields.Integer()
    notice_fee_ore = fields.Integer()
    own_demand_fee_ore = fields.Integer()
    light_cap_ore = fields.Integer()
    light_fee_ore = fields.Integer()
    heavy_cap_ore = fields.Integer()
    heavy_fee_ore = fields.Integer()
    lines = fields.List(fields.Nested(FeeLine))


class AllocationLine(Answer):
    """What one item got."""

    kind = fields.String(attribute="item.kind.value")
    ref = fields.String(attribute="item.ref")
    owed_ore = fields.Integer(attribute="item.amount_ore")
    paid_ore = fields.Integer()


class AllocationAnswer(Answer):
    """Lines and `left_ore` add up to the payment."""

    lines = fields.List(fields.Nested(AllocationLine))
    left_ore = fields.Integer(metadata={"description": "Overpaid: the debtor's own."})
    words = fields.String(attribute="explanation")


class DeadlineLine(Answer):
    """One day."""

    what = fields.String()
    on = fields.Date()
    rule_ids = _rules()
    words = fields.String()


class DeadlinesAnswer(Answer):
    """What follows from the day a letter was sent."""

    deadline_on = fields.Date()
    next_step_on = fields.Date()
    heavy_fee_from = fields.Date()
    legal_action_latest_on = fields.Date()
    lines = fields.List(fields.Nested(DeadlineLine))


class KidAnswer(Answer):
    """A KID made or checked."""

    kid = fields.String()
    valid = fields.Boolean()
    methods = fields.List(fields.String(), metadata={"description": "Under which it is right."})
    rule_ids = _rules()
    words = fields.String()
