"""Patterns for paths below a folder, as in `[per-path."legacy/**"]`, `include` and `exclude`.

`*` and `?` stand for characters of one name, `**` for any folders, `[ab]` for one of these. A
pattern without a `/` means a name at any depth, `./name` one in the folder itself. What matches a
folder matches all below it.
"""

from __future__ import annotations

import os
import re
from itertools import takewhile
from pathlib import Path

from rbdsl.record import dataclass

_SET = r"\[(?P<set>!?\]?[^\]/]*)\]"


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern, and the folder that it is relative to."""

    text: str
    folder: Path
    compiled: re.Pattern[str]

    def matches(self, path: Path) -> bool:
        """Whether it is about a file, whose path is absolute and normal."""
        relative = os.path.relpath(path, self.folder).replace(os.sep, "/")
        if relative.split("/", 1)[0] == "..":
            return False
        return self.compiled.fullmatch(relative) is not None

    @property
    def below(self) -> Path | None:
        """The folder or file that all of it stands in, as far as it is spelled out; None where
        a name at any depth is meant, or nothing is spelled out.
        """
        names = self.text.removesuffix("/").removeprefix("./").split("/")
        if len(names) == 1 and not self.text.startswith("./"):
            return None
        plain = list(takewhile(lambda name: not re.search(r"[*?\[]", name), names))
        return self.folder.joinpath(*plain) if plain else None


def problem_of(text: str) -> tuple[str, str] | None:
    """What is wrong with a pattern, and how to mend it; None where nothing is."""
    if not text.strip("/ "):
        return "the pattern is empty", "write one such as `legacy/**`"
    if text.startswith("/"):
        return f"`{text}` is absolute", "write it relative to the folder of this file"
    if "\\" in text:
        return f"`{text}` has a backslash", "folders are parted by `/`"
    if ".." in text.split("/"):
        return f"`{text}` leads out of the folder of this file", "configure it in that folder"
    if "{" in text or "}" in text:
        return f"`{text}` has braces, which mean nothing here", "write a pattern for each"
    return _problem_of_names(text) or _problem_of_signs(text)


def _problem_of_names(text: str) -> tuple[str, str] | None:
    """What is wrong with the names between the `/`."""
    names = text.removesuffix("/").split("/")
    tidy = "/".join(name for name in names if name not in ("", "."))
    if not tidy:
        return f"`{text}` is the folder of this file itself", "write `**` for all that is in it"
    if "" in names:
        return f"`{text}` has nothing between two `/`", f"write `{tidy}`"
    if "." in names[1:]:
        return f"`{text}` has a `.` that means nothing", f"write `{tidy}`"
    return None


def _problem_of_signs(text: str) -> tuple[str, str] | None:
    """What is wrong with `**` and `[`."""
    bare = re.sub(_SET, "x", text)
    for found in re.finditer(_SET, text):
        if _special(found) == re.escape(found[0]):
            return f"`{found[0]}` in `{text}` means no character", "write one such as `[a-z]`"
    if "[" in bare:
        return f"`{text}` has a `[` without its `]`", "write `[[]` for the character `[`"
    for name in bare.split("/"):
        if "**" in name and name != "**":
            return (
                f"`{text}` has `**` beside other characters",
                "`**` stands alone between two `/`, for any folders, and `*` is within a name",
            )
    return None


def path_pattern(text: str, folder: Path) -> PathPattern:
    """The pattern of a text without a problem."""
    body = text.rstrip("/").removeprefix("./")
    lead = "" if "/" in text.rstrip("/") else "(?:[^/]+/)*"
    return PathPattern(text, folder, re.compile(f"{lead}{_translated(body)}(?:/.*)?", re.DOTALL))


def _translated(pattern: str) -> str:
    out = []
    at = 0
    for found in re.finditer(rf"/\*\*/|\*\*/|/\*\*|\*\*|\*|\?|{_SET}", pattern):
        out.append(re.escape(pattern[at : found.start()]))
        at = found.end()
        out.append(_special(found))
    return "".join([*out, re.escape(pattern[at:])])


def _special(found: re.Match[str]) -> str:
    word, chosen = found[0], found["set"]
    if chosen is not None:
        inverted = chosen.startswith("!")
        members = chosen[inverted:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
        members = members.replace("&", "\\&").replace("~", "\\~").replace("|", "\\|")
        members = members.replace("]", "\\]")
        try:
            re.compile(f"[{members}]")
        except re.error:  # such as `[z-a]`, which no character is between
            return re.escape(word)
        return f"(?!/)[{'^' * inverted}{members}]" if members else re.escape(word)
    return {
        "/**/": "/(?:[^/]+/)*",
        "**/": "(?:[^/]+/)*",
        "/**": "(?:/.*)",
        "**": ".*",
        "*": "[^/]*",
        "?": "[^/]",
    }[word]
