"""What `/accounts` takes and gives."""

from marshmallow import Schema, fields


class Account(Schema):
    """An outside party, and the agreement with it."""

    slug = fields.String()
    name = fields.String()
    takes_payments = fields.Boolean(metadata={"description": "Else it takes letters or messages."})
    asks = fields.Boolean(metadata={"description": "Whether it can be used only after something is agreed."})
    kept = fields.Boolean()
    enabled = fields.Boolean()
    settings = fields.Dict(metadata={"description": "Secrets that are set are shown as a mask."})
    changed_at = fields.DateTime(allow_none=True)
    changed_by = fields.String()
    plugin_is_on = fields.Boolean(metadata={"description": "Without it the agreement is not used."})


class AccountList(Schema):
    """Every party an installed plugin speaks with."""

    accounts = fields.List(fields.Nested(Account))


class AccountBody(Schema):
    """The agreement. `settings` left out keeps what is stored; a secret's mask keeps the secret."""

    enabled = fields.Boolean(required=True)
    settings = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)


class AccountChange(Schema):
    """One change. Secrets are told by name."""

    id = fields.UUID()
    at = fields.DateTime()
    actor = fields.String()
    before = fields.Dict(allow_none=True)
    after = fields.Dict(allow_none=True, metadata={"description": "Null when the agreement was removed."})
    secrets_changed = fields.List(fields.String())


class AccountChanges(Schema):
    """The newest changes, newest first."""

    changes = fields.List(fields.Nested(AccountChange))
