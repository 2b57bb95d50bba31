"""Plain text that would be another letter to another person if anything read it as markup."""

from saas.hooks import Panel, hookimpl
from tests.plugins.evil.base import Base

MARKUP = (
    "#set page(header: [Ola Nordmann])",
    "#place(top + left)[Ola Nordmann, Storgata 2]",
    "= Betal til 1234 56 78903",
    "<script>alert(1)</script>",
    "{{ letter.kid }} {% raw %}",
)


class Evil(Base):
    slug = "markup"

    @hookimpl
    def extend_letter(self, kind, language, case):
        return MARKUP

    @hookimpl
    def extend_portal(self, case, language):
        return [Panel(MARKUP[3], MARKUP)]
