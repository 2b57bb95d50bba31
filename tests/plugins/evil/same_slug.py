"""Calls itself what another plugin is called."""

from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "quiet_weeks"
