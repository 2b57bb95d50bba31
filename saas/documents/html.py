"""The HTML twin of a letter: same headings, same order, same sums, a link where the paper has a QR code.

`html_body` is for a page that has its own frame (the portal), `render_html` a whole page that also is a valid e-mail.
"""

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from saas.documents.glyphs import seen
from saas.documents.letter import Letter
from saas.documents.paper import Line, Run, paper_of
from saas.documents.render import TEMPLATES


def html_body(letter: Letter, *, level: int = 1) -> Markup:
    """The letter as an `article` without styles, its title a heading of that level."""
    twin = _template("twin.html.j2").render(paper=paper_of(letter), level=level)
    return Markup(twin)  # noqa: S704 - the template escapes


def render_html(letter: Letter) -> str:
    """The letter as a page of its own: nothing is fetched, and nothing runs."""
    paper = paper_of(letter)
    return _template("letter.html.j2").render(paper=paper, body=html_body(letter))


@cache
def _template(name: str) -> Any:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: seen(value) if type(value) is str else value,
    )
    environment.filters["runs"] = _runs
    return environment.get_template(name)


def _runs(line: Line) -> Markup:
    return Markup("").join(_run(run) for run in line)


def _run(run: Run) -> Markup:
    words = Markup("{}").format(seen(run.text))
    if run.bold:
        words = Markup("<b>{}</b>").format(words)
    return Markup('<span lang="{}">{}</span>').format(run.language, words) if run.language else words
