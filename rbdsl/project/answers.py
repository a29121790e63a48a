"""What ShellCheck said of the pieces of a plan, kept for when another line of the plan changes.

    {"answers": {"<sha256 of the script>": [[2086, "info", "Double quote …", [3, 6, 3, 8], []], …]}}

One entry for each plan, by its path: where a step is edited, ShellCheck looks at that step alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from rbdsl.analysis.shellcheck_answers import Comment, Place
from rbdsl.project.cache import Cache

Known = Mapping[str, Sequence[Comment]]


def recall(cache: Cache, key: str, texts: Iterable[str]) -> dict[str, tuple[Comment, ...]]:
    """What is known of these scripts, by their text; nothing of those that are new."""
    entry = cache.get(key)
    if entry is None:
        return {}
    try:
        kept = entry["answers"]
        found = {text: kept[_hash(text)] for text in texts if _hash(text) in kept}
        return {text: tuple(map(_thaw, comments)) for text, comments in found.items()}
    except (KeyError, TypeError, ValueError):
        return {}  # An entry that no rbc of this version has written.


def keep(cache: Cache, key: str, known: Known) -> None:
    """Keep what was said of all scripts of a plan, in place of what was kept before."""
    answers = {_hash(text): list(map(_freeze, comments)) for text, comments in known.items()}
    cache.put(key, {"answers": answers})


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _freeze(comment: Comment) -> list[Any]:
    edits = [[list(place), text] for place, text in comment.edits]
    return [comment.code, comment.level, comment.message, list(comment.place), edits]


def _thaw(frozen: Sequence[Any]) -> Comment:
    code, level, message, place, edits = frozen
    mends = tuple((Place(*where), text) for where, text in edits)
    return Comment(int(code), str(level), str(message), Place(*place), mends)
