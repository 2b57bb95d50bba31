"""The fields of a calculator's question: exact in JSON, and read as people write when a form sends them.

A label is Words, so that an error can name its field in the language asked for.
"""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from saas.cases import reading
from saas.cases.reading import MAX_ORE, Unreadable
from saas.rules.words import (
    BOKMAAL,
    Kroner,
    Lowered,
    Words,
    add_translations,
    all_in_language,
    amount_text,
    joined,
    say,
)

add_translations(Path(__file__).parent / "locale")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Whole(fields.Integer):
    """A whole number; JSON's true, "5" and 5.0 are not numbers here."""

    def __init__(self, least: int, most: int, *, metadata: dict[str, Any], **more: Any) -> None:
        described = {"description": metadata.get("help") or metadata["label"], **metadata}
        super().__init__(validate=validate.Range(least, most), metadata=described, **more)
        self.least, self.most, self.label = least, most, metadata["label"]
        self.error_messages["required"] = self.error_messages["null"] = say(
            "Fyll ut {field}.", field=Lowered(self.label)
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if _is_typed(self):
            return self.read(str(value))
        if type(value) is not int:
            raise ValidationError(self.not_whole())
        return value

    def read(self, text: str) -> int:
        """The number a person typed."""
        digits = text.replace(" ", "").replace("\u00a0", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
            raise ValidationError(say("Skriv {field} med hele tall.", field=Lowered(self.label)))
        return int(digits)

    def _validate(self, value: int) -> None:
        if value < self.least:
            raise ValidationError(self.too_small())
        if value > self.most:
            raise ValidationError(self.too_large())

    def not_whole(self) -> Words:
        return say("{field} må være et helt tall, uten desimaler og uten anførselstegn.", field=self.label)

    def too_small(self) -> Words:
        return say("{field} må være minst {least}.", field=self.label, least=self.least)

    def too_large(self) -> Words:
        return say("{field} kan være høyst {most}.", field=self.label, most=self.most)


class Amount(Whole):
    """Whole øre in JSON, kroner in a form; at most 10 milliarder kroner."""

    def __init__(self, *, least: int = 1, metadata: dict[str, Any], **more: Any) -> None:
        super().__init__(least, MAX_ORE, metadata={"inputmode": "decimal", "width": 14, **metadata}, **more)

    def read(self, text: str) -> int:
        bare = text.strip()
        if bare.startswith(("-", "−")):
            raise ValidationError(self.too_small())
        try:
            return reading.read_amount(reading.clean_text(bare))
        except Unreadable as problem:
            raise ValidationError(unreadable(self.label, problem)) from None

    def not_whole(self) -> Words:
        return say("{field} må være hele øre, uten desimaler og uten anførselstegn.", field=self.label)

    def too_small(self) -> Words:
        if self.least:
            return say("{field} må være større enn null.", field=self.label)
        return say("{field} kan ikke være negativt.", field=self.label)

    def too_large(self) -> Words:
        return say("{field} er større enn {most}. Sjekk beløpet.", field=self.label, most=Kroner(MAX_ORE))


class Day(fields.Date):
    """A date: ISO in JSON, as people write it in a form."""

    def __init__(self, *, metadata: dict[str, Any], **more: Any) -> None:
        described = {"description": metadata.get("help") or metadata["label"], "width": 12, **metadata}
        super().__init__(metadata=described, **more)
        self.label = metadata["label"]
        self.error_messages["required"] = self.error_messages["null"] = say(
            "Fyll ut {field}.", field=Lowered(self.label)
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> date:
        typed = _is_typed(self)
        if type(value) is not str or not (typed or _ISO_DAY.fullmatch(value)):
            raise ValidationError(say("{field} må være en dato: åååå-mm-dd.", field=self.label))
        try:
            return reading.read_date(reading.clean_text(value))
        except Unreadable as problem:
            raise ValidationError(unreadable(self.label, problem)) from None


class Choice(fields.String):
    """One of a few values, with words for each as a form shows them."""

    def __init__(self, words: Mapping[str, str], *, metadata: dict[str, Any], **more: Any) -> None:
        message = say("{field} må være en av: {choices}.", field=metadata["label"], choices=", ".join(words))
        described = {"description": metadata.get("help") or metadata["label"], "labels": words, **metadata}
        super().__init__(validate=validate.OneOf(list(words), error=message), metadata=described, **more)
        self.error_messages["required"] = self.error_messages["null"] = say(
            "Velg {field}.", field=Lowered(metadata["label"])
        )
        self.error_messages["invalid"] = message


class Digits(fields.String):
    """A number that identifies; spaces between its groups mean nothing."""

    def __init__(self, *, metadata: dict[str, Any], **more: Any) -> None:
        described = {"description": metadata.get("help") or metadata["label"], **metadata}
        super().__init__(metadata=described, **more)
        self.label = metadata["label"]
        self.error_messages["invalid"] = self.error_messages["null"] = say("{field} må være tekst.", field=self.label)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **more))
        return "".join(text.split())


def _is_typed(field: fields.Field) -> bool:
    return bool(getattr(field.root, "typed", False))


def unreadable(label: str, problem: Unreadable) -> Words:
    """What is wrong with what was typed, with the field's name in front."""
    return say("{field} {problem}.", field=label, problem=problem.args[0])


def _for_a_form(field: fields.Field, language: str) -> dict[str, Any]:
    """Label, help and choices in that language. An example stands in the help; choices are their own."""
    metadata = dict(field.metadata)
    example = metadata.pop("example", None)
    if example is not None and not isinstance(field, Choice):
        told = say("For eksempel {example}.", example=_as_typed(field, example, language))
        metadata["help"] = joined([metadata["help"], told]) if metadata.get("help") else told
    return dict(all_in_language(metadata, language))


def _as_typed(field: fields.Field, example: Any, language: str) -> str:
    if isinstance(field, Amount):
        return amount_text(example, language)
    return f"{date.fromisoformat(example):%d.%m.%Y}" if isinstance(field, Day) else str(example)


class Asked(Schema):
    """A calculation's input. `typed=True` reads what a person typed in a form, whose labels are in `language`."""

    error_messages = {  # noqa: RUF012 - marshmallow gathers it from every class above
        "unknown": say("Feltet kjenner vi ikke. Ta det bort eller rett navnet."),
        "type": say("Send ett objekt med felter."),
    }

    def __init__(self, *, typed: bool = False, language: str = BOKMAAL, **more: Any) -> None:
        super().__init__(**more)
        self.typed = typed
        for field in self.fields.values() if typed else ():
            field.metadata = _for_a_form(field, language)
