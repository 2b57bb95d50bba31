"""The web application, for what is asked for on pages."""

from tests.portals.conftest import app  # noqa: F401 - a fixture
