"""What a tenant must tell of its print house: nothing for a shared folder, else where and with which key by SFTP."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

TOGETHER = ("sftp_host", "sftp_user", "sftp_key", "sftp_host_key")


class Agreement(Schema):
    """SFTP to the print house's own server. Left empty, letters are put into the folder this installation shares."""

    sftp_host = fields.String(
        load_default="",
        validate=validate.Regexp(r"^[A-Za-z0-9.:-]{0,253}$", error="Skriv navnet på serveren."),
        metadata={
            "label": "Server (SFTP)",
            "help": "Trykkeriets server. Tom når mappen er delt på annen måte.",
            "example": "sftp.trykkeriet.example",
            "called": True,
        },
    )
    sftp_port = fields.Integer(
        load_default=22,
        strict=True,
        validate=validate.Range(min=1, max=65_535),
        metadata={"label": "Port", "help": "Vanligvis 22.", "example": 22},
    )
    sftp_user = fields.String(
        load_default="",
        validate=validate.Regexp(r"^[\x21-\x7e]{0,100}$", error="Skriv navnet uten mellomrom."),
        metadata={"label": "Brukernavn", "help": "Hos trykkeriet.", "example": "fjord"},
    )
    sftp_key = fields.String(
        load_default="",
        validate=validate.Length(max=20_000),
        metadata={
            "label": "Privat nøkkel",
            "help": "OpenSSH eller PEM, uten passord. Den offentlige delen får trykkeriet.",
            "example": "",
            "secret": True,
            "input": "textarea",
        },
    )
    sftp_host_key = fields.String(
        load_default="",
        validate=validate.Length(max=2_000),
        metadata={
            "label": "Serverens nøkkel",
            "help": "Den offentlige nøkkelen trykkeriet har oppgitt. Viser serveren en annen, sendes ingenting.",
            "example": "",
        },
    )
    sftp_folder = fields.String(
        load_default="",
        validate=validate.Regexp(r"^(?!.*\.\.)[A-Za-z0-9._/-]{0,200}$", error="Skriv en mappe uten «..»."),
        metadata={"label": "Mappe på serveren", "help": "Tom for den man kommer til.", "example": "frist"},
    )

    @validates_schema
    def _together(self, data: dict[str, Any], **_: Any) -> None:
        given = [name for name in TOGETHER if data[name]]
        if given and len(given) < len(TOGETHER):
            missing = next(name for name in TOGETHER if not data[name])
            raise ValidationError("Server, bruker og begge nøkler hører sammen.", missing)
        if not given:
            return
        import asyncssh  # only for who has such an agreement

        for name, read in (("sftp_key", asyncssh.import_private_key), ("sftp_host_key", asyncssh.import_public_key)):
            try:
                read(data[name])
            except (asyncssh.KeyImportError, ValueError):
                raise ValidationError("Nøkkelen kan ikke leses.", name) from None
