"""Stripe's errors, sorted once by what we do next. No text of Stripe's is passed on: it may repeat what was sent."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from saas.hooks import ProviderDown, ProviderSaysNo

_OUTCOME_UNKNOWN = (stripe.APIConnectionError, stripe.RateLimitError)


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Raises ProviderDown or ProviderSaysNo for whatever goes wrong inside."""
    try:
        yield
    except _OUTCOME_UNKNOWN as error:
        raise ProviderDown(_code(error)) from None
    except stripe.StripeError as error:
        if error.http_status in (None, 409) or error.http_status >= 500:
            raise ProviderDown(_code(error)) from None
        raise ProviderSaysNo(_code(error)) from None


def _code(error: stripe.StripeError) -> str:
    return " ".join(filter(None, (type(error).__name__, str(error.http_status or ""), error.code)))
