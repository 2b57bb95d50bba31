"""Forms of settings with secrets in them, of plugins and of agreements: a secret that is set is shown as its mask.

The mask sent back keeps the secret, an emptied field takes it away. A secret just typed is never echoed.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import Schema
from werkzeug.datastructures import FileStorage

from saas.portals.shared.forms import Form, FormField, form_of, plain_values, shown_values
from tenants.secrets import MASK, secret_fields

_DOT = MASK[0]
_KEPT = "Den er satt, og vises ikke. La prikkene stå for å beholde den."
_AGAIN = "Skriv den på nytt."


def settings_form(
    schema: Schema, kept: Mapping[str, Any], typed: Mapping[str, str] | None = None, errors: Any = None
) -> Form:
    """What is kept (secrets as their mask), or what was typed with its errors, as a form."""
    hidden = secret_fields(type(schema))
    values = shown_values(schema, kept) if typed is None else typed
    drawn = {name: str(schema.fields[name].metadata.get("input", "password")) for name in hidden}
    form = form_of(schema, values, errors or {}, inputs=drawn)
    return Form(tuple(_secret(f, kept) if f.name in hidden else f for f in form.fields), form.general_errors)


def typed_settings(
    schema: Schema, typed: Mapping[str, str], files: Mapping[str, FileStorage]
) -> tuple[dict[str, Any], dict[str, object]]:
    """What was typed as the API would send it, masks still in place, and errors in half-typed secrets by field."""
    uploaded = {name: _uploaded(files.get(f"{name}_file")) for name in secret_fields(type(schema))}
    values = plain_values(schema, typed) | {name: text for name, text in uploaded.items() if text}
    halves = [name for name in uploaded if _DOT in str(values.get(name, "")) and values[name] != MASK]
    return values, {name: ["Skriv hele verdien på nytt, eller la alle prikkene stå."] for name in halves}


def as_typed(schema: Schema, typed: Any) -> dict[str, str]:
    """The form as it was sent; of boxes that belong together, all that were ticked."""
    return {name: ", ".join(typed.getlist(name)) for name in schema.load_fields if name in typed}


def _secret(field: FormField, kept: Mapping[str, Any]) -> FormField:
    is_kept = kept.get(field.name) == MASK and field.value in ("", MASK) and not field.error
    note = _KEPT if is_kept and field.value else _AGAIN if field.value and not is_kept else ""
    told = " ".join(filter(None, (field.help, note)))
    return replace(field, help=told, value=field.value if is_kept else "", example="", is_kept=bool(is_kept and note))


def _uploaded(file: FileStorage | None) -> str:
    """A file's bytes as Base64; empty when none was chosen."""
    return base64.b64encode(file.read()).decode() if file is not None and file.filename else ""
