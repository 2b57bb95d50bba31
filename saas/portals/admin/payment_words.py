"""What the desk's pages about payments call things (bokmål)."""

from saas.payments.suggestions import Reason

WHY = {
    "no_case_found": "Ingen sak passer til KID, saksnummer eller betaler",
    "takes_money_back": "Banken har tatt penger tilbake, og det er ikke klart for hvilken betaling",
    "case_anonymised": "Saken er anonymisert",
    "unknown_law": "En sats i loven er ikke kjent for datoen ennå",
    "no_money": "Beløpet er null",
    "not_ours": "Gjelder ingen sak hos oss",
    "provider_payout": "Ser ut som et oppgjør fra en betalingsleverandør, men det er ikke klart hva som er i det",
}
REASONS = {
    Reason.OWN: "KID-en gjelder denne saken",
    Reason.INVOICE_NUMBER: "fakturanummeret står i betalingen",
    Reason.OTHER_KID: "KID-en hører til en annen sak for samme skyldner",
    Reason.PAYER: "kontoen har betalt for skyldneren før",
    Reason.OWED: "beløpet er akkurat det som er ubetalt",
    Reason.PRINTED: "beløpet er akkurat det brevet ber om",
    Reason.INVOICE_SUM: "beløpet er akkurat fakturaens",
    Reason.NAME: "teksten ligner navnet",
}
REPAY = {
    "overpaid": "Betalt for mye",
    "paid_twice": "Betalt to ganger",
    "may_be_another_case": "Betalt for mye, og skyldneren har en åpen sak hos samme oppdragsgiver",
    "sent_back": "Sendt tilbake",
}
FROM = {"bank": "bank", "stripe": "kort", "vipps": "Vipps", "creditor": "meldt av oppdragsgiveren"}
PROVIDERS = {"stripe": "Stripe", "vipps": "Vipps"}
NO_DEBTORS = {
    "provider_payout": "Dette er et oppgjør fra en betalingsleverandør. Betalingene i det er ført sak for sak.",
    "top_up": "Dette er våre egne penger på klientkontoen (etterfylling).",
}
DONE = {
    "placed": "Betalingen er plassert",
    "moved": "Betalingen er flyttet",
    "sent_back": "Betalingen er tatt av saken, hvis den sto på en, og ligger klar til å betales tilbake.",
    "not_ours": "Betalingen holder ingen sak lenger. Den står nederst til den er sendt tilbake.",
    "undone": "Betalingen er tatt av saken.",
    "withdrawn": "Meldingen fra oppdragsgiveren er trukket. Saken står som om den aldri var sendt.",
    "payout": "Oppgjøret er funnet i banken, og pengene er ikke lenger på vei.",
    "topped_up": "Beløpet er ført som vårt eget på klientkontoen.",
    "repaid": "Kontoen er notert. Beløpet blir med i neste bestilling til banken.",
}
