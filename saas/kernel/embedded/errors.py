"""The one way embedded servers say no."""

from saas.kernel.errors import ConfigurationError


class EmbeddedServerError(ConfigurationError):
    """An embedded server cannot run here; the message says what is missing, and what to set instead."""
