"""Tries to move the letter to somebody else, or the money to another account, by what it writes."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "other_recipient"

    @hookimpl
    def extend_letter(self, kind, language, case):
        return [
            '#set page(header: "Ola Nordmann, Storgata 2, 0155 Oslo")',
            "#place(top + left, dy: -20cm, rect(fill: white)[Ola Nordmann])",
            "Betal til\n1234.56.78903\r\nOla Nordmann",
            "\u202eKari\u202c \x00",
        ]
