"""Renders the templates of `targets/`: the only home of jinja2.

Templates only loop and print. An unknown name in one is a bug and raises. Every value in a shell
passes the filter `sh`, every value in Markdown `md` (or `code`, `fence`), every text in a shell
comment `comment`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rbdsl.backends.quoting import comment_text, markdown_code, markdown_fence, markdown_text, sh
from rbdsl.resources import data_folder


def render(target: str | Path, template: str, **view: object) -> str:
    """The text of `template` of a target, filled in with a view.

    `target` is the name of a shipped target (`"bash"`) or the folder of one's own.
    """
    folder = target if isinstance(target, Path) else data_folder("targets") / target
    return _environment(folder).get_template(template).render(**view)


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - shell and Markdown have their own filters
    )
    environment.filters.update(
        sh=sh,
        comment=comment_text,
        md=markdown_text,
        code=markdown_code,
        fence=markdown_fence,
    )
    return environment
