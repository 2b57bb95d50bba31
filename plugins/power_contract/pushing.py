"""The creditor's own system tells of contracts when they begin and end: a signed call (Standard Webhooks)."""

import json
from collections.abc import Mapping
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from plugins.power_contract.statements import facts_in
from saas.hooks import CaseFact, Route, RouteAnswer, RouteRequest


def route(settings: Mapping[str, Any]) -> Route:
    """`POST contracts` with `{"contracts": [ … ]}`."""
    webhook = Webhook(settings["push_secret"])

    def answer(request: RouteRequest) -> RouteAnswer:
        try:
            webhook.verify(request.body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # the latter of headers that are no such thing
            return RouteAnswer(status=401, data={"error": "not signed"})
        try:
            told = json.loads(request.body)
            stated = list(facts_in(told["contracts"], settings["push_source"], request.today))
        except (ValueError, KeyError, TypeError):
            return RouteAnswer(status=422, data={"error": "not statements about contracts"})
        facts = tuple(CaseFact(number, fact, settings["max_age_days"]) for number, fact in stated)
        return RouteAnswer(status=200, data={"taken": len(facts)}, facts=facts)

    return Route("contracts", ("POST",), answer)
