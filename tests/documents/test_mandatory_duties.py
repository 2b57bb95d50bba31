"""Every duty of `duties.csv`, blanked one at a time: the letter is refused with exactly that (A.2, K4, S5, m1)."""

import csv
import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from saas.documents.letter import Disconnection, Instalment, Language, Letter, LetterKind, NextStep, OwnParagraph
from saas.documents.mandatory import (
    DUTIES,
    OF_FACTS,
    OF_WORDS,
    Duty,
    IncompleteLetter,
    compose,
    duties,
    mandatory_missing,
    read_duties,
)
from saas.documents.paper import facts_of
from saas.documents.particulars import ObjectionAnswered
from saas.documents.text import render_text
from saas.documents.wording import COMMON, WORDING, spoken, wording_of
from saas.rules.disconnection import NoticeContent
from saas.rules.facts import Step
from saas.rules.money import Ore
from saas.rules.regime import Regime
from tests.documents.letters import (
    COLLECTION_FEE,
    EVERY_KIND,
    INTEREST,
    collection_notice,
    combined_demand,
    disconnection_notice,
    notice_of_legal_action,
    payment_demand,
    plan_confirmation,
    reminder,
    under_new_act,
    with_lines,
)
from tests.documents.test_letter_text import assert_in_order, text

CERTAIN = {
    "nb": "Det vil komme nye gebyrer.",
    "nn": "Det vil kome nye gebyr.",
    "en": "There will be new fees.",
}
PURRING, IV, BO, SHARED = "reminder.toml", "collection_notice.toml", "payment_demand.toml", "common.toml"
NLA, STOP = "notice_of_legal_action.toml", "disconnection_notice.toml"
RULE_IDS = Path(__file__).parents[2] / "saas" / "rules" / "rule_ids.csv"
COMPLETE = {(letter.kind, letter.regime): letter for of in EVERY_KIND for letter in (of(), under_new_act(of()))}
OF_NOTICE = ("said_with_notice", "paper_before_suit")  # asked of a demand only when it is the notice too
TWO_REGIMES = [*COMPLETE.items()]


def _no_principal(letter: Letter) -> Letter:
    return with_lines(letter, replace(INTEREST, amount_ore=Ore(156_872)))


def _notice(letter: Letter, **changes: object) -> Letter:
    assert letter.legal_notice is not None
    return replace(letter, legal_notice=replace(letter.legal_notice, **changes))  # type: ignore[arg-type]


def _claim(letter: Letter, **changes: object) -> Letter:
    return replace(letter, claims=(replace(letter.claims[0], **changes), *letter.claims[1:]))  # type: ignore[arg-type]


def _answer(letter: Letter, **changes: object) -> Letter:
    assert isinstance(letter.particulars, ObjectionAnswered)
    return replace(letter, particulars=replace(letter.particulars, **changes))  # type: ignore[arg-type]


BLANKED: dict[str, Callable[[Letter], Letter]] = {
    "creditor": lambda x: replace(x, creditor_name=" "),
    "original_creditor": lambda x: replace(x, original_creditor_name=None),
    "subject": lambda x: _claim(x, description=""),
    "invoice": lambda x: _claim(x, invoice_number=" "),
    "sender": lambda x: replace(x, tenant=replace(x.tenant, orgnr="")),
    "reachable": lambda x: replace(x, tenant=replace(x.tenant, hours="")),
    "address": lambda x: replace(x, recipient=replace(x.recipient, address_lines=())),
    "way_to_pay": lambda x: replace(x, kid=""),
    "way_to_answer": lambda x: replace(x, login_code=""),
    "amount": lambda x: replace(x, total_ore=Ore(0)),
    "deadline": lambda x: replace(x, deadline_on=x.dated_on + timedelta(days=13)),
    "next_step": lambda x: replace(x, next_step=NextStep(x.deadline_on, Step.HEAVY_FEE, Ore(0))),
    "interest": lambda x: replace(x, interest_from_on=None),
    "no_collection_fee": lambda x: with_lines(x, *x.lines, COLLECTION_FEE),
    "principal_apart": _no_principal,
    "licence": lambda x: replace(x, tenant=replace(x.tenant, licence_number=None)),
    "agency": lambda x: replace(x, tenant=replace(x.tenant, licence_number="")),
    "board": lambda x: replace(x, board=False),
    "further_costs": lambda x: replace(x, further_costs_ore=None),
    "after_demand": lambda x: _notice(x, demand_sent_on=None),
    "not_before_due": lambda x: _claim(x, due_on=x.dated_on + timedelta(days=1)),
    "paper_before_suit": lambda x: _notice(x, on_paper=False),
    "grid_company": lambda x: replace(x, disconnection=Disconnection(consumer=True, by_grid_company=False)),
    "due_dates": lambda x: replace(x, instalments=()),
    "amounts_due": lambda x: replace(x, instalments=(replace(x.instalments[0], amount_ore=Ore(0)),)),
    "told": lambda x: replace(x, particulars=None),
    "code": lambda x: replace(x, login_code=None),
    "new_deadline": lambda x: _answer(x, new_deadline_on=None),
    "adds_up": lambda x: replace(x, total_ore=Ore(x.total_ore + 1)),
}


def cases(of_words: bool) -> list[object]:
    return [*_cases(of_words)]


def _cases(of_words: bool) -> Iterator[object]:
    for (kind, regime), letter in TWO_REGIMES:
        for duty in duties(kind, regime):
            if (duty.predicate in OF_WORDS) is of_words:
                with_notice = kind is LetterKind.PAYMENT_DEMAND and duty.predicate in OF_NOTICE
                letter_for = replace(letter, legal_notice=combined_demand().legal_notice) if with_notice else letter
                yield pytest.param(letter_for, duty, id=f"{kind.value}-{regime.value[-4:]}-{duty.element}")


# --- one at a time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "letter"), TWO_REGIMES, ids=lambda x: str(getattr(x, "kind", "")))
def test_a_complete_letter_of_every_kind_is_composed_under_each_act(key: object, letter: Letter) -> None:
    assert compose(letter) is letter


@pytest.mark.parametrize(("letter", "duty"), cases(of_words=False))
def test_a_letter_lacking_one_fact_is_refused_with_exactly_that(letter: Letter, duty: Duty) -> None:
    blanked = BLANKED[duty.element](letter)
    with pytest.raises(IncompleteLetter, match=re.escape(duty.says)) as refused:
        compose(blanked)
    assert refused.value.missing == (duty.element,)


@pytest.mark.parametrize(("letter", "duty"), cases(of_words=True))
def test_a_letter_lacking_one_sentence_is_refused_with_exactly_that(letter: Letter, duty: Duty, tmp_path: Path) -> None:
    certain = duty.predicate == "no_certain_costs"
    wording = added(letter.kind, tmp_path) if certain else without(duty.element, letter.kind, tmp_path)
    for language in wording_of(letter.kind).languages:
        with pytest.raises(IncompleteLetter, match=re.escape(duty.says)) as refused:
            compose(replace(letter, language=language), wording)  # type: ignore[arg-type]
        assert refused.value.missing == (duty.element,)


def without(key: str, kind: LetterKind, folder: Path) -> Path:
    """The wording with that sentence taken out, wherever it stands for this kind."""
    wording = copied(folder)
    for name in (kind.value, COMMON):
        path = wording / f"{name}.toml"
        source = path.read_text(encoding="utf-8")
        kept = source.replace(f'key = "{key}"\n', "")
        if kept != source:
            path.write_text(kept, encoding="utf-8")
            return wording
    raise AssertionError(f"no wording says {key}")


def added(kind: LetterKind, folder: Path) -> Path:
    """The wording with a sentence more, which says that costs will come."""
    wording = copied(folder)
    with (wording / f"{kind.value}.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[next]]\n" + "".join(f'{language} = "{words}"\n' for language, words in CERTAIN.items()))
    return wording


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(WORDING, folder / "wording"))


# --- sentences ------------------------------------------------------------------------------------------------------


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    wording = copied(folder)
    path = wording / file
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")
    return wording


@pytest.mark.parametrize(
    ("letter_of", "language", "file", "old", "new", "missing"),
    [
        (collection_notice, "nb", IV, '"Inkassovarsel:', '"BETALINGSVARSEL:', ["heading"]),
        (collection_notice, "nn", IV, 'nn = "Inkassovarsel:', 'nn = "Varsel:', ["heading"]),
        (collection_notice, "en", IV, "(inkassovarsel): pay", ": pay", ["heading"]),
        (collection_notice, "nb", IV, "*, går kravet til inkasso.", "*, går saken videre.", ["goes_to_collection"]),
        (collection_notice, "en", IV, "*, the claim goes to debt collection", "*, we act", ["goes_to_collection"]),
        (collection_notice, "nb", IV, "Dette er et inkassovarsel.", "Vennlig påminnelse.", ["is_notice"]),
        (collection_notice, "nb", IV, "Da kan det komme", "Da vil det komme", ["costs_not_certain"]),
        (collection_notice, "nn", IV, "Då kan det kome", "Då kjem det", ["costs_not_certain"]),
        (collection_notice, "en", IV, "may then be added", "will be added as a fee", ["costs_not_certain"]),
        (payment_demand, "nb", BO, "kan det komme flere", "kommer det flere", ["costs_not_certain", "more_costs"]),
        (payment_demand, "nn", BO, "kan det kome fleire", "kjem det fleire", ["costs_not_certain", "more_costs"]),
        (payment_demand, "en", BO, "costs may be", "costs: there must be a fee", ["costs_not_certain", "more_costs"]),
        (payment_demand, "nb", BO, "(rettslig inndriving)", "", ["legal_collection"]),
        (payment_demand, "nb", BO, "Betal, eller si at du er uenig, innen", "Betal innen", ["pay_or_object"]),
        (payment_demand, "en", BO, "or say that you disagree, by", "by", ["pay_or_object"]),
        (payment_demand, "nb", SHARED, "Finansklagenemnda (nemndsbehandling)", "en nemnd", ["board_said"]),
        (payment_demand, "en", SHARED, "[nb:Finansklagenemnda] ([nb:nemndsbehandling])", "", ["board_said"]),
        (reminder, "nb", PURRING, '"Purring:', '"Hei:', ["heading"]),
        (reminder, "nb", PURRING, "Gebyret for det er", "Du må da betale et gebyr på", ["costs_not_certain"]),
        (reminder, "nb", SHARED, " ({hours}) og snakk med et", " og snakk med et", ["phone_said"]),
        (notice_of_legal_action, "nn", NLA, "tvangsfullføring", "innkrevjing", ["enforcement"]),
        (disconnection_notice, "en", STOP, "four weeks", "some weeks", ["avoidable"]),
    ],
)  # fmt: skip
def test_a_wording_that_says_it_otherwise_cannot_be_used(
    letter_of: Callable[[], Letter], language: Language, file: str, old: str, new: str, missing: list[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    wording = changed(tmp_path, file, old, new) if old != " ({hours}) og snakk med et" else _every_language(tmp_path)
    letter = replace(letter_of(), language=language)
    assert sorted(mandatory_missing(letter, wording)) == sorted(missing)


def _every_language(folder: Path) -> Path:
    """No opening hours in any language: one language alone would not have the same facts as the others."""
    wording = copied(folder)
    path = wording / SHARED
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(" ({hours})", "").replace(" ([nb:{hours}])", ""), encoding="utf-8")
    return wording


def test_a_part_that_is_no_longer_used_takes_its_sentences_with_it(tmp_path: Path) -> None:
    bare = changed(tmp_path, BO, '"disagree", "help", "genuine", ', "")
    assert mandatory_missing(payment_demand(), bare) == ["phone_said", "board_said", "how_to_object"]


def test_a_sentence_that_is_commented_out_is_not_said(tmp_path: Path) -> None:
    wording = changed(tmp_path, IV, 'nb = "Dette er et inkassovarsel."', '# nb = "Dette er et inkassovarsel."')
    assert "is_notice" in mandatory_missing(collection_notice(), wording)
    assert mandatory_missing(replace(collection_notice(), language="nn"), wording) == []


def test_a_sentence_with_other_facts_in_one_language_is_not_read(tmp_path: Path) -> None:
    wording = changed(tmp_path, PURRING, "The deadline is *{deadline}*.", "Pay soon.")
    with pytest.raises(ValueError, match="not the same facts"):
        mandatory_missing(reminder(), wording)


def test_every_sentence_with_a_key_is_asked_for() -> None:
    for kind in LetterKind:
        asked = {d.element for regime in Regime for d in duties(kind, regime)}
        own = tomllib.loads((WORDING / f"{kind.value}.toml").read_text(encoding="utf-8"))
        keys = {row["key"] for rows in own.values() for row in rows if isinstance(row, dict) and "key" in row}
        assert keys <= asked, kind


@pytest.mark.parametrize("letter", COMPLETE.values(), ids=lambda x: f"{x.kind.value}-{x.regime.value[-4:]}")
def test_what_the_law_asks_for_stands_on_the_paper_in_every_language(letter: Letter) -> None:
    """Not only in the wording: a condition on a sentence must not hide it from the letter that needs it."""
    for language in wording_of(letter.kind).languages:
        whole = render_text(replace(letter, language=language)).casefold()  # type: ignore[arg-type]
        facts = facts_of(letter, language)
        for duty in duties(letter.kind, letter.regime):
            if duty.predicate == "said" and duty.element != "goes_to_collection":
                for word in duty.words[language]:
                    said = word.format_map(facts).casefold()
                    assert all(line in whole for line in said.splitlines()), (duty.element, word)


def test_a_kind_is_read_in_bokmaal_by_who_reads_nynorsk_when_it_is_not_written_in_that() -> None:
    for kind in LetterKind:
        ladder = {"reminder", "collection_notice", "payment_demand", "notice_of_legal_action", "disconnection_notice"}
        assert wording_of(kind).languages == (("nb", "nn", "en") if kind.value in ladder else ("nb", "en"))
        assert spoken(kind, "nn") == ("nn" if kind.value in ladder else "nb")


@pytest.mark.parametrize(
    "words", ["Det vil påløpe nye kostnader.", "Du må betale inkassosalær.", "Nå kommer et gebyr."]
)
def test_neither_tenant_nor_plugin_can_say_that_costs_will_come(words: str) -> None:
    letter = notice_of_legal_action()
    assert mandatory_missing(replace(letter, extra_paragraphs=(words,))) == ["costs_not_certain"]
    assert mandatory_missing(replace(letter, paragraphs=(OwnParagraph("closing", words),))) == ["costs_not_certain"]


@pytest.mark.parametrize("words", ["Det kan påløpe nye kostnader.", "Vi vil gjerne høre fra deg. Gebyret er 38 kr."])
def test_a_notice_may_say_that_costs_can_come(words: str) -> None:
    assert mandatory_missing(replace(notice_of_legal_action(), extra_paragraphs=(words,))) == []


# --- the kinds ------------------------------------------------------------------------------------------------------


def test_a_payment_demand_that_is_the_notice_of_legal_action_too_says_what_both_must(tmp_path: Path) -> None:
    assert mandatory_missing(combined_demand()) == []
    bare = without("enforcement", LetterKind.PAYMENT_DEMAND, tmp_path)
    assert mandatory_missing(combined_demand(), bare) == ["enforcement"]
    assert mandatory_missing(payment_demand(), bare) == []
    notice = combined_demand().legal_notice
    assert notice is not None
    by_mail = replace(combined_demand(), legal_notice=replace(notice, on_paper=False))
    assert mandatory_missing(by_mail) == ["paper_before_suit"]


def test_a_disconnection_notice_gives_a_consumer_four_weeks_and_a_business_two() -> None:
    letter = disconnection_notice()
    days = {True: 28, False: 14}
    for consumer, least in days.items():
        to = replace(letter, disconnection=Disconnection(consumer=consumer, by_grid_company=True))
        enough = replace(to, deadline_on=to.dated_on + timedelta(days=least))
        assert mandatory_missing(enough) == []
        assert mandatory_missing(replace(enough, deadline_on=enough.deadline_on - timedelta(days=1))) == ["deadline"]


def test_a_business_needs_only_be_told_what_the_notice_is_about(tmp_path: Path) -> None:
    wording = copied(tmp_path)
    path = wording / STOP
    others = [content.value for content in NoticeContent if content is not NoticeContent.ABOUT_DISCONNECTION]
    source = path.read_text(encoding="utf-8")
    for key in others:
        source = source.replace(f'key = "{key}"\n', "")
    path.write_text(source, encoding="utf-8")
    business = replace(disconnection_notice(), disconnection=Disconnection(consumer=False, by_grid_company=True))
    assert mandatory_missing(business, wording) == []
    assert mandatory_missing(disconnection_notice(), wording) == others
    assert "fire uker" not in render_text(business)


def test_what_the_act_asks_of_a_disconnection_notice_is_what_the_rules_list() -> None:
    for regime in Regime:
        asked = duties(LetterKind.DISCONNECTION_NOTICE, regime)
        said = {d.element for d in asked if d.predicate.startswith("said") and d.element != "phone_said"}
        assert said == {content.value for content in NoticeContent}


def test_new_due_dates_come_after_one_another_and_after_the_letter() -> None:
    letter = plan_confirmation()
    first, second = letter.instalments
    assert mandatory_missing(replace(letter, instalments=(second, first))) == ["due_dates"]
    same_day = Instalment(letter.dated_on, Ore(1_000))
    assert mandatory_missing(replace(letter, instalments=(same_day,))) == ["due_dates"]


def test_a_notice_of_legal_action_may_be_sent_on_the_due_date_and_with_the_demand() -> None:
    letter = notice_of_legal_action()
    assert letter.legal_notice is not None
    on_the_day = replace(letter, claims=(replace(letter.claims[0], due_on=letter.dated_on),))
    with_demand = replace(letter, legal_notice=replace(letter.legal_notice, demand_sent_on=letter.dated_on))
    assert mandatory_missing(on_the_day) == mandatory_missing(with_demand) == []
    later = replace(letter, legal_notice=replace(letter.legal_notice, demand_sent_on=letter.dated_on + timedelta(1)))
    assert mandatory_missing(later) == ["after_demand"]
    enforcement_only = replace(letter.legal_notice, on_paper=False, before_suit=False)
    assert mandatory_missing(replace(letter, legal_notice=enforcement_only)) == []


# --- the act of 2026 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter_of", [collection_notice, payment_demand], ids=lambda f: f.__name__)
def test_a_letter_of_today_lacks_under_the_new_act_what_nobody_knows_yet(letter_of: Callable[[], Letter]) -> None:
    assert mandatory_missing(replace(letter_of(), regime=Regime.ACT_2026)) == ["further_costs"]


def test_under_the_new_act_a_creditor_may_send_a_reminder_and_no_more() -> None:
    for letter_of, missing in ((reminder, []), (collection_notice, ["agency"]), (payment_demand, ["agency"])):
        assert mandatory_missing(replace(under_new_act(letter_of()), own_collection=True)) == missing


@pytest.mark.parametrize("letter_of", [collection_notice, payment_demand], ids=lambda f: f.__name__)
def test_the_debtor_reads_what_the_new_act_asks_for(letter_of: Callable[[], Letter]) -> None:
    assert_in_order(
        text(under_new_act(letter_of())),
        [
            "Be om mer tid: logg inn eller ring oss.",
            "Kravet tilhørte opprinnelig Fjellkraft AS.",
            "Kostnadene ved videre inndriving uten domstol kan bli anslagsvis 600,00 kr.",
            "innsigelse",
            "Finansklagenemnda",
            "Vil du klage på måten vi krever inn pengene på, skriv til post@fjordveien.no eller ring 55 10 20 30.",
        ],
    )


@pytest.mark.parametrize("letter_of", [reminder, collection_notice, payment_demand], ids=lambda f: f.__name__)
def test_the_debtor_of_today_reads_nothing_of_the_new_act(letter_of: Callable[[], Letter]) -> None:
    whole = text(letter_of())
    assert not re.search("opprinnelig Fjellkraft|anslagsvis|klage på måten", whole)


# --- the table ------------------------------------------------------------------------------------------------------


def test_every_kind_has_duties_under_both_acts_and_names_each_element_once() -> None:
    for kind in LetterKind:
        for regime in Regime:
            elements = Counter(duty.element for duty in duties(kind, regime))
            assert elements
            assert set(elements.values()) == {1}, (kind, regime, elements)


def test_every_predicate_is_used_and_no_two_have_one_name() -> None:
    used = {duty.predicate for found in read_duties(DUTIES).values() for duty in found}
    assert used == OF_FACTS.keys() | OF_WORDS.keys()
    assert not OF_FACTS.keys() & OF_WORDS.keys()


def test_every_duty_has_a_basis_a_rule_we_know_and_words_for_who_must_put_it_right() -> None:
    with RULE_IDS.open(encoding="utf-8", newline="") as handle:
        known = {row["id"] for row in csv.DictReader(handle)}
    for found in read_duties(DUTIES).values():
        for duty in found:
            assert duty.basis
            assert duty.says.endswith(".")
            assert duty.rule_ids
            assert set(duty.rule_ids) <= known, duty
            assert not any(duty.words.values()) or duty.predicate.startswith("said")
            if duty.predicate.startswith("said"):
                assert duty.words["nb"]
                assert duty.words["en"]


def test_a_duty_nobody_can_check_stops_the_reading(tmp_path: Path) -> None:
    table = tmp_path / "duties.csv"
    heading = DUTIES.read_text(encoding="utf-8").splitlines()[0]
    table.write_text(f"{heading}\n*,*,stamp,stamped,,INKL § 9,S2,Stempel mangler.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="stamped"):
        read_duties(table)


def test_a_letter_of_every_kind_comes_back_from_json_as_it_was() -> None:
    for letter in COMPLETE.values():
        assert Letter.from_json(letter.to_json()) == letter
    assert COMPLETE[LetterKind.DEFERRAL_GRANTED, Regime.ACT_2026].instalments[0].due_on == date(2026, 12, 18)
