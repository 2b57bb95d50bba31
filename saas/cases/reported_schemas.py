"""A dated statement about a case, as it comes in: ONE schema for the form, the API and each row of a file (M13)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from saas.cases import reading
from saas.cases.small_fields import Day, which_case

YES_NO_FACTS = {"power.active_contract": "Aktiv strømavtale", "grid.active_contract": "Aktiv nettleieavtale"}
"""Facts the house knows, which are either so or not so. Others may be reported under names of their own."""

_NAMES = {"strømavtale": "power.active_contract", "aktiv_strømavtale": "power.active_contract",
          "nettleieavtale": "grid.active_contract", "nettavtale": "grid.active_contract",
          "aktiv_nettleieavtale": "grid.active_contract",
          "gjeld_erkjent": "limitation.acknowledged_on", "gjelden_erkjent": "limitation.acknowledged_on",
          "dom": "limitation.judged_on", "dom_eller_forlik": "limitation.judged_on"}  # fmt: skip
_YES_NO = {"ja": True, "yes": True, "true": True, "nei": False, "no": False, "false": False}


class FactName(fields.String):
    """`power.active_contract`, or what people call it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        text = str(super()._deserialize(value, attr, data, **more)).strip()
        return _NAMES.get("_".join(text.lower().split()), text)


class FactValue(fields.Field[bool | int | str]):
    """Yes or no, a whole number, or text. What is written as one of them in a file is read as one."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        if isinstance(value, bool | int):
            return value
        if not isinstance(value, str):
            raise ValidationError("Bruk ja eller nei, et helt tall, eller en tekst.")
        try:
            text = reading.clean_text(value)
        except reading.Unreadable as wrong:
            raise ValidationError(f"Verdien {wrong}.") from None
        if text.lower() in _YES_NO:
            return _YES_NO[text.lower()]
        return int(text) if text.isdecimal() and text.isascii() and len(text) <= 15 and text[:1] != "0" else text


class FactSchema(Schema):
    """What is so, or not so, and since when it is known."""

    name: fields.Field = FactName(
        required=True,
        error_messages={"required": "Velg hva opplysningen gjelder."},
        metadata={
            "label": "Hva gjelder det?",
            "labels": YES_NO_FACTS,
            "description": "power.active_contract, grid.active_contract, or a name of your own with one dot.",
            "example": "power.active_contract",
        },
    )
    value = FactValue(
        required=True,
        error_messages={"required": "Svar ja eller nei.", "null": "Svar ja eller nei."},
        metadata={
            "label": "Er avtalen aktiv?",
            "description": "true or false, a whole number, or text.",
            "example": True,
        },
    )
    reported_on = Day(
        load_default=None,
        allow_none=True,
        metadata={
            "label": "Dagen opplysningen er fra",
            "help": "Dagen dere så det i deres eget system. Tomt er i dag.",
            "description": "The day this was known; left out: today.",
            "example": "2026-11-03",
            "width": 12,
            "input": "text",
        },
    )

    def __init__(self, *, today: date | None = None, **more: Any) -> None:
        super().__init__(**more)
        self._today = today

    @validates("reported_on")
    def _not_ahead(self, value: date | None, data_key: str) -> None:
        if self._today is not None and value is not None and value > self._today:
            raise ValidationError("Datoen kan ikke være fram i tid.")

    @validates_schema
    def _yes_or_no(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["name"] in YES_NO_FACTS and not isinstance(data["value"], bool):
            raise ValidationError("Svar ja eller nei.", "value")


class FactForm(FactSchema):
    """The form at the desk: one of the contracts the house knows, active or not."""

    name = fields.String(
        required=True,
        validate=validate.OneOf(list(YES_NO_FACTS), error="Velg hva opplysningen gjelder."),
        error_messages={"required": "Velg hva opplysningen gjelder."},
        metadata={"label": "Hvilken avtale?", "input": "radio"},
    )
    value = FactValue(
        required=True,
        validate=validate.OneOf([True, False], error="Svar ja eller nei."),
        error_messages={"required": "Svar ja eller nei."},
        metadata={"label": "Er avtalen aktiv?", "input": "radio"},
    )


class FactRow(FactSchema):
    """A row of a file, or of a list from a machine: the case is named by its number, or by an invoice."""

    class Meta:
        """The two fields beside what is told."""

        include = which_case()
