"""What a message says: which case, what happened, where it stands. Nothing of the debtor, no text anybody wrote."""

import json
from typing import Any

from saas.hooks import CaseEvent
from saas.rules.facts import CaseFacts

KINDS = {
    "case.registered": "En sak er registrert",
    "claim.added": "Et krav er lagt til en sak",
    "letter.sent": "Et brev er sendt",
    "letter.failed": "Et brev kom ikke fram",
    "payment.placed": "En betaling er ført på saken",
    "payment.went_back": "En betaling er gått tilbake",
    "deferral.granted": "Skyldneren har fått mer tid",
    "deferral.refused": "Skyldneren fikk nei til mer tid",
    "objection.raised": "Skyldneren er uenig",
    "objection.answered": "En innsigelse er besvart",
    "hold.placed": "Saken er satt på vent",
    "hold.lifted": "Saken går videre",
    "case.joined": "Saken er slått sammen med en annen",
    "case.reopened": "Saken er åpnet igjen",
    "case.closed": "Saken er avsluttet",
}
TEST_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - an example to look at, nobody's


def message(event: CaseEvent, case: CaseFacts) -> str:
    """The body, as JSON. The same event gives the same body as long as the case stands as it does."""
    owed = case.outstanding
    told: dict[str, Any] = {
        "id": str(event.id),
        "type": event.kind,
        "timestamp": event.at.isoformat(),
        "data": {
            "tenant": event.tenant_slug,
            "creditor": event.creditor_slug,
            "case_number": event.case_number,
            "invoice_numbers": [claim.invoice_number for claim in case.claims],
            "stage": case.stage.name.lower(),
            "on_hold": bool(case.holds),
            "letters_sent": [{"kind": n.step.value, "sent_on": n.sent_on.isoformat()} for n in case.notices],
            "principal_left_ore": owed.principal_ore,
            "costs_left_ore": owed.notice_fee_ore + owed.collection_fee_ore,
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
