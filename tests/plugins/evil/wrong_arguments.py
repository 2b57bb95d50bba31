"""Asks for what a hook does not give."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "wrong_arguments"

    @hookimpl
    def hold_case(self, case, today, session):
        return session.execute("delete from collection_case")
