"""What the law says is said in nynorsk and English too: every sentence and page text, with the same values in it."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import saas.calculators.fields
import saas.portals.shared.language  # noqa: F401 - they bring translations of their own
from saas.rules.words import ENGLISH, LETTER_NAMES, NYNORSK, add_translations, catalogue, is_wordless

PROJECT = Path(__file__).parent.parent.parent
ROOT = PROJECT / "saas"
for folder in sorted(PROJECT.glob("plugins/*/locale")):
    add_translations(folder)  # what a plugin does itself when it is loaded
SPOKEN = ("saas/portals/debtor", "saas/portals/pay", "saas/portals/law", "saas/portals/shared")
SPEAKING_DESK = ("base.html", "dispatch.html", "case_dispatch.html", "_letters.html")
ONLY_BOKMAAL = frozenset(
    """allerede anmerkning anmerkningen avgjør avgjøre avgjørelse avslått bare begjæring bekreftes betalingen betalinger
    betalingsanmerkning betalingsoppfordring betalingsoppfordringen ble brukes dager dagers de dekker dere egne en ennå
    ett et faller fikk flere foreldes foreldet forfaller forfalt forhøyet fra frister ga ganger gebyrer gjelden gjelder
    gjenstår gjøre gjør grunner hele hva hvem hver hvis hvor hvordan høyere høyest høyst høyt ikke innen innsigelse
    innsigelsen jeg kommet kreves krever leder mangler mer mye måneder noe noen oppfordring oppfordringen opprinnelig
    opprinnelige penger pengene regnes registreres rekkefølgen rettslig rettslige saken sammen se selv sendes siden
    skriftlig skritt skylder skyldneren slettes slått stenge stengt strømmen svarer svarte særlige tar tatt tidligst
    trengs trukket trykker uenig uenighet uke uker ukers uten utsettelse varslet vei velger venter virkningen vurderes
    være vært øker åpning åpnet""".split()  # noqa: SIM905
)


_NOT_READ = re.compile(
    r"\{% block width %\}.*?\{% endblock %\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|&\w+;|<code>.*?</code>|<!doctype.*?>",
    re.DOTALL,
)
SAME = frozenset(("Frist", "KID", "org.nr."))
"""What is the same in every language."""


def _said() -> list[tuple[str, ast.Call]]:
    """Every call of `say`, where it is the one of `saas.rules.words`."""
    return [
        (f"{path.relative_to(PROJECT)}:{node.lineno}", node)
        for path in sorted((*ROOT.rglob("*.py"), *(PROJECT / "plugins").rglob("*.py")))
        for tree in [ast.parse(path.read_text())]
        if path != ROOT / "rules" / "words.py" and "say" in _imported_from_words(tree)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
    ]


def _imported_from_words(tree: ast.Module) -> set[str]:
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "saas.rules.words"]
    return {alias.name for node in imports for alias in node.names}


def _in_templates() -> list[str]:
    """What the pages say with `t("…")`."""
    return [
        call.args[0].value
        for path in sorted(ROOT.rglob("*.html"))
        for call in Environment().parse(path.read_text()).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and isinstance(call.args[0], nodes.Const)
    ]


def _bare_words(path: Path) -> list[str]:
    """Words that stand in a template itself, outside `t("…")`: in its text, and in attributes that are read aloud."""
    plain = _NOT_READ.sub("", path.read_text())
    aloud = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', plain)
    texts = [*re.sub(r'<[^>]*>|[\w-]+="[^"]*"', "\n", plain).split("\n"), *aloud]
    return [text.strip() for text in texts if re.search(r"[^\W\d_]{2,}", text) and text.strip(" ·") not in SAME]


def _templates() -> set[str]:
    texts = [node.args[0].value for _, node in _said() if isinstance(node.args[0], ast.Constant)]
    own = [name.template for name in LETTER_NAMES.values()]
    return {text for text in (*texts, *own, *_in_templates()) if isinstance(text, str) and not is_wordless(text)}


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{(.*?)\}", text))


def test_what_is_said_is_a_template_and_its_values_have_the_names_of_its_placeholders() -> None:
    wrong = [
        where
        for where, node in _said()
        if not (
            isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and set(_placeholders(node.args[0].value)) == {keyword.arg for keyword in node.keywords}
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("language", [NYNORSK, ENGLISH])
def test_every_sentence_is_translated_and_no_translation_is_left_over(language: str) -> None:
    translated = set(catalogue(language))
    assert _templates() - translated == set(), "add these to the .po files"
    assert translated - _templates() == set(), "take these out of the .po files"


@pytest.mark.parametrize("language", [NYNORSK, ENGLISH])
def test_a_translation_has_the_same_values_in_it_and_ends_as_its_sentence_does(language: str) -> None:
    wrong = [
        text
        for text, said in catalogue(language).items()
        if _placeholders(text) != _placeholders(said)
        or (text.endswith(".") != said.endswith(".") and not text.endswith("mva."))
    ]
    assert wrong == []


def test_the_nynorsk_is_nynorsk() -> None:
    wrong = {
        said: found
        for said in catalogue(NYNORSK).values()
        if (found := ONLY_BOKMAAL & set(re.findall(r"\w+", re.sub(r"\{.*?\}", "", said).lower())))
    }
    assert wrong == {}


def test_the_english_keeps_norwegian_words_in_brackets_only() -> None:
    bare = {said: re.sub(r"\(.*?\)|\børe\b", "", said) for said in catalogue(ENGLISH).values()}
    assert [said for said, text in bare.items() if re.search(r"[æøå]", text, re.IGNORECASE)] == []


def test_no_page_for_debtors_or_everybody_has_words_of_one_language_only() -> None:
    pages = [path for folder in SPOKEN for path in sorted((PROJECT / folder).rglob("*.html"))]
    pages += [PROJECT / "saas/portals/admin/templates/admin" / name for name in SPEAKING_DESK]
    bare = {path.name: words for path in pages if (words := _bare_words(path))}
    assert bare == {}
