"""A form from a marshmallow schema: the same schema that checks the API, read by one macro (`shared/form.html`).

Metadata of a field: label, help, example, width (characters), autocomplete, inputmode, section, why, labels (words
for the choices of OneOf), input (date, password, textarea, code …), hidden_in_form.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate
from werkzeug.datastructures import MultiDict

from saas.rules.words import Lowered, say

_WIDTHS = (4, 8, 12, 16, 24, 40)
_DAY = re.compile(r"(\d{1,2})[.\-/ ](\d{1,2})[.\-/ ](\d{2}|\d{4})")
_PARTS, _WHOLE = re.compile(r"[,;\n]"), re.compile(r"-?\d{1,15}")
_TYPES: tuple[tuple[type[fields.Field], str], ...] = ((fields.Boolean, "checkbox"), (fields.Email, "email"))


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as the macro draws it."""

    name: str
    label: str
    help: str
    why: str
    example: str  # «For eksempel …»
    width: int
    autocomplete: str
    inputmode: str
    section: str
    required: bool
    input: str  # text, email, password, date, select, radio, checkbox, checks (several), code, textarea, upload
    choices: tuple[tuple[str, str], ...]
    value: str
    error: str
    is_kept: bool = False  # a secret that is set: its value is the mask

    @property
    def described_by(self) -> str:
        """Ids for aria-describedby, the error first."""
        parts = (("error", self.error), ("help", self.help_text))
        return " ".join(f"{self.name}-{part}" for part, text in parts if text)

    @property
    def help_text(self) -> str:
        """Help and example as one text; choices are their own example."""
        return " ".join(filter(None, (self.help, self.example)))

    @property
    def shown(self) -> str:
        """What was typed, as a check page shows it: choices in words, documents as handed in."""
        if self.input == "file":
            return "Vedlagt" if self.value else ""
        return dict(self.choices).get(self.value, self.value)

    @property
    def anchor(self) -> str:
        """What a link in the error summary points at: the first choice of radios, else the field."""
        return f"{self.name}-0" if self.input in ("radio", "checks") else self.name

    @property
    def ticked(self) -> set[str]:
        """Of `checks`, the choices that are ticked."""
        return {part.strip() for part in self.value.split(",")}


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of a form, in order, with what was typed and what is wrong."""

    fields: tuple[FormField, ...]
    general_errors: tuple[str, ...] = ()

    @property
    def sections(self) -> list[tuple[str, list[FormField]]]:
        """Fields by section, in the order the sections first appear."""
        found: dict[str, list[FormField]] = {}
        for field in self.fields:
            found.setdefault(field.section, []).append(field)
        return list(found.items())

    @property
    def wrong(self) -> list[FormField]:
        """Fields with an error, in order."""
        return [field for field in self.fields if field.error]

    @property
    def has_errors(self) -> bool:
        """Whether anything must be put right."""
        return bool(self.wrong or self.general_errors)

    @property
    def all_required(self) -> bool:
        """Whether «Alle felt må fylles ut» says it all."""
        return all(field.required for field in self.fields)


def form_of(
    schema: Schema,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, Any] | None = None,
    *,
    choices: Mapping[str, Mapping[str, str]] | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Form:
    """The schema as a form, with what was typed and the errors found.

    `choices` words the values of a field (field → value → words), `inputs` draws a field another way than it would be.
    """
    typed, errors, choices, inputs = typed or {}, errors or {}, choices or {}, inputs or {}
    shown = {
        name: _field(name, field, typed.get(name), errors.get(name), choices.get(name), inputs.get(name))
        for name, field in schema.load_fields.items()
        if not field.metadata.get("hidden_in_form") and not field.dump_only
    }
    rest = [text for name, found in errors.items() if name not in shown for text in _texts(found)]
    return Form(tuple(shown.values()), tuple(rest))


def read_form(schema: Schema, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was typed, checked against the schema: (data, errors). Data is empty when there are errors."""
    try:
        return dict(schema.load(plain_values(schema, typed))), {}
    except ValidationError as wrong:
        return {}, wrong.messages_dict


def plain_values(schema: Schema, typed: Mapping[str, str]) -> dict[str, Any]:
    """Form text as the API would send it: empty fields left out, days in ISO, boxes as booleans."""
    values: dict[str, Any] = {}
    for name, field in schema.load_fields.items():
        if field.metadata.get("hidden_in_form") or field.dump_only:
            continue
        key = field.data_key or name
        if isinstance(field, fields.Boolean):
            values[key] = name in typed
        elif isinstance(field, fields.List) and (name in typed or _choices(field)):  # no box ticked: nothing is sent
            parts = typed.getlist(name) if isinstance(typed, MultiDict) else [typed.get(name, "")]
            values[key] = [_plain(field.inner, part) for text in parts for part in _PARTS.split(text) if part.strip()]
        elif text := typed.get(name, "").strip():
            values[key] = _plain(field, text)
    return values


def shown_values(schema: Schema, values: Mapping[str, Any]) -> dict[str, str]:
    """Stored values as `plain_values` would have been typed: days as people write them, lists with commas."""
    return {name: _shown(values[name]) for name in schema.load_fields if name in values}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, list | tuple):
        return ", ".join(_shown(each) for each in value)
    return "" if value is None else _numeric_day(str(value))


def _plain(field: fields.Field, text: str) -> Any:
    """Text as the API would send it for this field; what cannot be read is left for the schema to judge."""
    text = text.strip()
    if isinstance(field, fields.Date):
        return iso_day(text)
    if isinstance(field, fields.Integer) and _WHOLE.fullmatch(text):
        return int(text)
    return text


def iso_day(text: str) -> str:
    """`8.12.26` or `08.12.2026` as ISO; anything else as it is, for the schema to judge."""
    found = _DAY.fullmatch(text.strip())
    if not found:
        return text
    day, month, year = found.groups()
    return f"{year if len(year) == 4 else '20' + year}-{int(month):02d}-{int(day):02d}"


def _field(
    name: str,
    field: fields.Field,
    typed: str | None,
    error: Any,
    worded: Mapping[str, str] | None = None,
    drawn: str | None = None,
) -> FormField:
    meta = field.metadata
    choices = tuple(worded.items()) if worded else _choices(field)
    label: str = meta.get("label", name)
    return FormField(
        name=name,
        label=label,
        help=meta.get("help", ""),
        why=meta.get("why", ""),
        example="" if choices else _example(meta.get("example")),
        width=next((w for w in _WIDTHS if w >= int(meta.get("width", 40))), _WIDTHS[-1]),
        autocomplete=str(meta.get("autocomplete", "off")),
        inputmode=str(meta.get("inputmode", "text")),
        section=meta.get("section", ""),
        required=field.required,
        input=drawn or _input(field, choices),
        choices=choices,
        value=typed if typed is not None else _default(field),
        error=in_words(label, next(iter(_texts(error)), "")),
    )


def _example(value: Any) -> str:
    text = "" if value is None else _shown(value)
    return say("For eksempel {example}.", example=text) if text else ""


def _numeric_day(text: str) -> str:
    """An ISO day as people write it; other text as it is."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    return f"{found[3]}.{found[2]}.{found[1]}" if found else text


def _input(field: fields.Field, choices: tuple[tuple[str, str], ...]) -> str:
    if "input" in field.metadata:
        return str(field.metadata["input"])
    if choices and isinstance(field, fields.List):
        return "checks"
    if choices:
        return "radio" if field.required and len(choices) <= 4 else "select"
    return next((name for kind, name in _TYPES if isinstance(field, kind)), "text")


def _choices(field: fields.Field) -> tuple[tuple[str, str], ...]:
    if isinstance(field, fields.List):
        return _choices(field.inner)
    one_of = next((v for v in field.validators if isinstance(v, validate.OneOf)), None)
    if one_of is None:
        return ()
    words = field.metadata.get("labels") or one_of.labels
    if isinstance(words, Mapping):
        return tuple((str(c), _words(words.get(c, c))) for c in one_of.choices)
    labels: Iterable[Any] = words or one_of.choices
    return tuple((str(c), _words(label)) for c, label in zip(one_of.choices, labels, strict=True))


def _words(value: Any) -> str:
    """Text as it is, so that it can still be said in another language."""
    return value if isinstance(value, str) else str(value)


def _default(field: fields.Field) -> str:
    default = field.load_default
    if default is missing or default is None:
        return ""
    return _shown(default() if callable(default) else default)


def _texts(error: Any) -> list[str]:
    if error is None:
        return []
    if isinstance(error, Mapping):
        return [text for found in error.values() for text in _texts(found)]
    return [_words(text) for text in error] if isinstance(error, list | tuple) else [_words(error)]


def texts_of(errors: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> list[str]:
    """All messages of an answer's errors (field → messages); with `labels`, in the words of each field's own."""
    return [
        in_words(labels.get(name, name), text) if labels is not None else text
        for name, found in errors.items()
        for text in _texts(found)
    ]


def in_words(label: str, error: str) -> str:
    """marshmallow's own English messages in the words of the label; ours as they are."""
    asked = Lowered(label)
    known = {
        "Missing data for required field.": say("Fyll ut {field}.", field=asked),
        "Field may not be null.": say("Fyll ut {field}.", field=asked),
        "Not a valid date.": say("Skriv datoen som dag.måned.år, for eksempel 08.12.2026."),
        "Not a valid integer.": say("Skriv {field} med hele tall.", field=asked),
        "Not a valid number.": say("Skriv {field} med tall.", field=asked),
        "Not a valid email address.": say("Skriv en e-postadresse, for eksempel navn@firma.no."),
        "Not a valid string.": say("Skriv {field} som tekst.", field=asked),
    }
    if error.startswith("Must be one of"):
        return say("Velg {field}.", field=asked)
    if error.startswith("Longer than maximum length"):
        return say("Skriv {field} kortere.", field=asked)
    return known.get(error, error)
