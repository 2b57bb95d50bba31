"""Fields people type on more than one page."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from saas.cases.reading import Unreadable, clean_text, read_amount
from saas.rules.money import Ore
from saas.rules.words import say


class Kroner(fields.Field):
    """An amount in kroner, written as people write it; øre inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Ore:
        try:
            return read_amount(clean_text(str(value)[:40]))
        except Unreadable:
            raise ValidationError(say("Skriv beløpet med tall, for eksempel 500 eller 500,50.")) from None
