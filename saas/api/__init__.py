"""The API for machines, `/api/v1`: thin endpoints over the same use cases the portals call."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register_api(app: "Flask") -> None:
    """Join the API to the application: endpoints, errors, `/api/v1/openapi.json` and `/api/v1/docs`."""
    from saas.api.wiring import wire  # migrations read this package's tables and need no web framework

    wire(app)
