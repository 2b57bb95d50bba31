"""Plugins installed for a test, as tests of the host install them."""

from tests.tenants.conftest import install

__all__ = ["install"]
