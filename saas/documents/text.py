"""A letter as plain text: the same words in the same order, for e-mail's plain part and for whoever reads by ear."""

from collections.abc import Iterator, Sequence

from saas.documents.glyphs import seen
from saas.documents.letter import Letter
from saas.documents.paper import Field, Line, Paper, Section, Table, paper_of


def render_text(letter: Letter) -> str:
    """The letter as plain text, with blank lines between its parts."""
    return seen_lines("\n".join(_lines(paper_of(letter)))) + "\n"


def seen_lines(text: str) -> str:
    """`text` line by line without what cannot be seen."""
    return "\n".join(seen(line) for line in text.split("\n"))


def words_of(line: Line) -> str:
    """A line of runs as plain text."""
    return "".join(run.text for run in line)


def _lines(paper: Paper) -> Iterator[str]:
    yield paper.sender if not paper.on_behalf_of else f"{paper.sender} {paper.on_behalf_of} {paper.creditor}"
    yield from ("", *_fields(paper.box))
    yield from ("", *paper.address)
    yield from ("", paper.title, "=" * len(paper.title))
    for section in paper.sections:
        yield from _section(section)
    if paper.languages:
        yield from ("", words_of(paper.languages))
    if paper.pay:
        yield from ("", *_fields(paper.pay), f"{paper.pay_words}: {paper.pay_link}")
    if paper.annex:
        yield from _section(paper.annex)
    yield from ("", paper.footer)


def _fields(fields: Sequence[Field]) -> Iterator[str]:
    return (f"{field.label}: {field.value}" for field in fields)


def _section(section: Section) -> Iterator[str]:
    if section.heading:
        yield from ("", section.heading, "-" * len(section.heading))
    for line in section.paragraphs:
        yield from ("", words_of(line))
    if section.ways:
        yield ""
        yield from (f"- {words_of(line)}" for line in section.ways)
    for table in section.tables:
        yield from ("", *_table(table))
    for line in section.after:
        yield from ("", words_of(line))


def _table(table: Table) -> Iterator[str]:
    for row in (*table.rows, *((table.total,) if table.total else ())):
        *what, amount = (cell for cell in row if cell)
        yield f"{', '.join(what)}: {amount}"
