"""Renders the templates of `targets/`: the only home of jinja2.

Templates only loop and print. An unknown name in one is a bug and raises. Every value in a shell
passes the filter `sh`, every value in Markdown `md` (or `code`, `fence`), every text in a shell
comment `comment`. Views of shipped targets come filtered; in a target of one's own a template
has to do it itself, and is refused where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from traceback import extract_tb

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError, Undefined
from markupsafe import Markup

from rbdsl.backends.quoting import comment_text, markdown_code, markdown_fence, markdown_text, sh
from rbdsl.resources import data_folder

_FILTERS: dict[str, Callable[..., str]] = {
    "sh": sh,
    "comment": comment_text,
    "md": markdown_text,
    "code": markdown_code,
    "fence": markdown_fence,
}


class TemplateError(Exception):
    """A template that can't be rendered; the text names its file, the line and the fault."""


def render(target: str, template: str, **view: object) -> str:
    """The text of `template` of a shipped target (`"bash"`), filled in with a view."""
    return _shipped(target).get_template(template).render(**view)


def render_own(folder: Path, template: str, **view: object) -> str:
    """The text of `template` of somebody's own target in `folder`, filled in with a view.

    Raises TemplateError for whatever is wrong in it, also for a text that passes no filter.
    """
    environment = _environment(folder, autoescape=True, finalize=_filtered)
    environment.filters.update({name: _marking(f) for name, f in _FILTERS.items()})
    try:
        return environment.get_template(template).render(**view)
    except Exception as problem:  # whatever a template may do is a fault of its author
        words = problem.message if isinstance(problem, TemplateSyntaxError) else problem
        raise TemplateError(f"{_place(problem, folder / template)}: {words}") from problem


def inert(text: str) -> str:
    """A text that a template of one's own may write without a filter."""
    return Markup(text)  # noqa: S704 - for texts of the compiler alone


@cache
def _shipped(target: str) -> Environment:
    environment = _environment(data_folder("targets") / target, autoescape=False)
    environment.filters.update(_FILTERS)
    return environment


def _environment(
    folder: Path, *, autoescape: bool, finalize: Callable[[object], object] | None = None
) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=autoescape,  # noqa: S701 - views of shipped targets come filtered
        finalize=finalize,
    )


def _marking(made: Callable[..., str]) -> Callable[..., str]:
    """A filter whose result counts as filtered."""
    return lambda *values, **options: inert(made(*values, **options))


def _filtered(value: object) -> object:
    """What a template writes, if it passed a filter or is a number."""
    if isinstance(value, Markup | Undefined | int | float) or value == "":
        return value
    shown = " ".join(str(value).split())
    raise ValueError(
        f"the text “{shown[:40]}{'…' * (len(shown) > 40)}” passes no filter: `sh`, `comment`, "
        "`md`, `code`, `fence`, `e` or `tojson`, whichever fits the place"
    )


def _place(problem: Exception, template: Path) -> str:
    """The file and the line of a fault, as far as it is known."""
    if isinstance(problem, TemplateSyntaxError):
        return f"{problem.filename or template}:{problem.lineno}"
    folder = str(template.parent)
    lines = [f for f in extract_tb(problem.__traceback__) if f.filename.startswith(folder)]
    return f"{lines[-1].filename}:{lines[-1].lineno}" if lines else str(template)
