"""Puts a script, and a link to one, on the debtor's page."""

from saas.hooks import Panel, PanelLink, hookimpl
from tests.plugins.evil.base import Base

_LINKS = ("javascript:alert(1)", "//evil.example/", "http://evil.example/", "data:text/html,x", "/\\evil.example")


class Evil(Base):
    slug = "script_in_panel"

    @hookimpl
    def extend_portal(self, case, language):
        link = PanelLink("Betal", _LINKS[(len(case.claims) + len(case.facts)) % len(_LINKS)])
        return [Panel("<script>alert(1)</script>", ("<img src=x onerror=alert(1)>",), link)]
