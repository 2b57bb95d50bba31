import json
import re
import shutil

from saas import rules
from saas.rules.case import decide
from saas.rules.certificate import SCHEMA, certificate, encode, fingerprint, rules_version
from saas.rules.facts import DEFAULT_POLICY, HoldFacts, HoldReason
from tests.rules.builders import PROOF, case, claim, day, demanded, noticed, stated

TODAY = day("2026-10-19")


def certified(law, facts, today=TODAY, answers=()):
    return certificate(facts, decide(facts, today, law), today, law, DEFAULT_POLICY, answers)


def test_a_demands_certificate_holds_dates_proofs_rules_and_the_arithmetic_of_the_cap(law):
    cert = json.loads(encode(certified(law, noticed())))
    assert cert["schema"] == SCHEMA == "frist.certificate/1"
    assert (cert["step"], cert["decided_on"], cert["expected_sending_on"], cert["deadline_on"]) == (
        "payment_demand",
        "2026-10-19",
        "2026-10-20",
        "2026-11-06",
    )
    assert cert["facts"]["notices"] == [
        {
            "step": "collection_notice",
            "sent_on": "2026-09-29",
            "deadline_on": "2026-10-13",
            "fee_ore": 3800,
            "by_creditor": False,
            "proof": PROOF,
            "claim_ids": [],
        }
    ]
    cap = cert["cap"]
    assert cap["rate_ore"] * cap["parts"][0]["multiplier_thousandths"] // 1000 == cap["cap_ore"] == 60_000
    assert cap["charged_before_ore"] + cert["costs"][0]["amount_ore"] == cap["charged_after_ore"] == 60_000
    assert {"S4", "A1", "A3", "A4", "E1", "H1", "B16", "B23"} == {rule["rule"] for rule in cert["rules"]}


def test_the_law_rows_used_are_named_with_file_and_date(law):
    rows = {row["figure"]: row for row in certified(law, noticed())["law"]}
    assert set(rows) == {"late_interest", "collection_rate", "collection_fee_tier"}
    assert rows["collection_rate"] == {
        "file": "collection_rate.csv",
        "figure": "collection_rate",
        "valid_from": "2026-01-01",
        "known_until": "2026-12-31",
        "value": "750",
        "confidence": "found",
    }


def test_a_reminders_certificate_names_the_fraction_and_a_cap_with_vat_the_vat_rate(law):
    """B12."""
    figures = [row["figure"] for row in certified(law, case(vat_deductible=False), day("2026-09-29"))["law"]]
    assert figures == ["late_interest", "notice_fee_fraction", "collection_rate", "collection_fee_tier", "vat_rate"]


def test_the_heavy_fee_has_a_certificate_without_a_letter(law):
    cert = certified(law, demanded(), day("2026-12-01"))
    assert (cert["step"], cert["expected_sending_on"], cert["cap"]["heavy"]) == ("heavy_fee", None, True)
    assert cert["cap"]["charged_after_ore"] == cert["cap"]["cap_ore"] == 120_000


def test_the_same_facts_give_the_same_bytes_and_another_day_gives_others(law):
    first, again = (encode(certified(law, noticed())) for _ in range(2))
    assert fingerprint(first) == fingerprint(again)
    assert len(fingerprint(first)) == 64
    assert fingerprint(first) != fingerprint(encode(certified(law, noticed(), day("2026-10-20"))))


def test_keys_are_sorted_so_that_the_order_of_building_does_not_matter():
    assert encode({"b": 1, "a": {"d": 2, "c": 3}}) == b'{"a":{"c":3,"d":2},"b":1}'


def test_the_version_is_of_the_rules_and_figures_and_another_text_has_another(law, tmp_path, monkeypatch):
    cert = certified(law, noticed())
    assert cert["rules_version"] == rules_version()
    assert re.fullmatch("[0-9a-f]{16}", cert["rules_version"])
    shutil.copytree(rules.certificate._RULES, tmp_path / "rules")
    monkeypatch.setattr(rules.certificate, "_RULES", tmp_path / "rules")
    assert rules_version.__wrapped__() == cert["rules_version"]
    rate = tmp_path / "rules" / "rates" / "vat_rate.csv"
    rate.write_text(rate.read_text().replace(",25,", ",24,", 1))
    assert rules_version.__wrapped__() != cert["rules_version"]


def test_what_is_stated_to_have_interrupted_limitation_is_in_the_certificate(law):
    """H3, H4."""
    told = (stated("acknowledged_on", "2025-03-01 2024-01-02"), stated("judged_on", "2024-05-05"))
    cert = certified(law, noticed(facts=told))
    assert cert["facts"]["acknowledged_on"] == ["2024-01-02", "2025-03-01"]
    assert cert["facts"]["judged_on"] == ["2024-05-05"]
    assert {"H1"} <= {rule["rule"] for rule in cert["rules"]}


def test_plugin_answers_are_kept(law):
    answers = [{"hook": "hold_case", "plugin": "quiet_weeks", "answer": None}]
    assert json.loads(encode(certified(law, noticed(), answers=answers)))["plugins"] == answers


def test_no_free_text_about_a_person_is_in_a_certificate(law):
    secret = "Kari Nordmann ringte"
    held = noticed(
        claim(3000, "2026-09-15"), holds=(HoldFacts(HoldReason.PERSON, TODAY, day("2026-10-18"), note=secret),)
    )
    assert secret.encode() not in encode(certified(law, held))
    assert b"str\xc3\xb8m" not in encode(certified(law, held))  # the claim's description


def test_a_decision_to_wait_can_be_certified_too(law):
    cert = certified(law, noticed(), day("2026-10-14"))
    assert (cert["step"], cert["cap"]) == (None, None)
    assert cert["why"][0]["code"] == "deadline_running"
    assert cert["why"][0]["from_day"] == "2026-10-19"
