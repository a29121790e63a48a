"""On which hosts a command runs, and what it keeps there and nowhere else.

In: a call of a plan. Out: the names of its hosts as far as they are written down, loops over lists
counted as all they go through; and the name of the copy, the snapshot or the tag that it makes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rbdsl.analysis.list_loops import ListLoop, list_loops
from rbdsl.rules.forms import Form, by_program, matching, objects
from rbdsl.rules.placed_calls import PlacedCall

_LOCAL = by_program(
    [
        # `names` are the options that name the copy; without, the last operand does
        Form("nodetool", "snapshot", names="t tag"),
        Form("docker|podman|nerdctl", "tag|commit"),
        Form("docker|podman|nerdctl", "image tag"),
        Form("docker|podman|nerdctl", "save", names="o output"),
        Form("cp|mv", ""),
        Form("rsync", "", without="e rsh"),
        Form("tar", "", options="c create", names="f file"),
        Form("lvcreate", "", options="s snapshot", names="n name"),
        Form("zfs", "snapshot"),
        Form("btrfs", "subvolume snapshot"),
        Form("etcdctl", "snapshot save"),
        Form("pg_basebackup", "", names="D pgdata"),
        Form("xtrabackup|mariabackup", "", names="target-dir"),
        Form("mongodump", "", names="o out archive"),
        Form("pg_dump", "", names="f file"),
        Form("mysqldump|mariadb-dump", "", names="r result-file"),
    ]
)
_ITEM = re.compile(r"\$\{(\w+)\[(\d+)\]\}")
_ALL = re.compile(r"\$\{(\w+)\[[@*]\]\}")
_USER = re.compile(r"\A(?:[a-z]+://)?(?:[^@/]*@)?")
_MOST = 200
"""So many hosts a loop may go through."""


def hosts_of(placed: PlacedCall) -> frozenset[str]:
    """The hosts that a call runs on; nothing where they are not known, or where it is this one."""
    call = placed.call
    there = [where for where in call.where if where.startswith("ssh ")]
    named = there[-1].partition(" ")[2] if there else call.value("H", "host", "context") or ""
    if not named:
        return frozenset()
    names = {_USER.sub("", name) for name in _resolved(named, placed)}
    return frozenset() if any("$" in name for name in names) else frozenset(names)


def _resolved(named: str, placed: PlacedCall) -> list[str]:
    """A name with its variables filled in: several where a loop goes through them."""
    lists = placed.place.lists or {}
    named = _ITEM.sub(lambda found: _item(found, lists), named)
    names = [named]
    for loop in reversed(list_loops(placed.place.shell.text)):
        mark = re.compile(rf"\$\{{?{loop.variable}\b\}}?")
        if loop.begin <= placed.call.start < loop.end and mark.search(named):
            names = [mark.sub(_literal(value), named) for value in _words(loop, lists)]
            break
    return [placed.filled(name) for name in names[:_MOST]]


def _literal(value: str) -> str:
    """A text as what a pattern is replaced by."""
    return value.replace("\\", r"\\")


def _item(found: re.Match[str], lists: Mapping[str, tuple[str, ...]]) -> str:
    items = lists.get(found[1], ())
    return items[int(found[2])] if int(found[2]) < len(items) else found[0]


def _words(loop: ListLoop, lists: Mapping[str, tuple[str, ...]]) -> list[str]:
    words: list[str] = []
    for word in loop.words:
        found = _ALL.fullmatch(word)
        words += lists.get(found[1], (word,)) if found else (word,)
    return words


def made_there(placed: PlacedCall) -> str:
    """The name of the copy that a call makes on its host; empty where it makes none."""
    call = placed.call
    form = matching(call, _LOCAL)
    if form is None:
        return ""
    found = _named(placed, form.names.split()) if form.names else (objects(form, call) or ("",))[-1]
    name = placed.filled(found).rstrip("/")
    remote = ":" in name.partition("/")[0] and call.program in ("cp", "rsync", "mv")
    return "" if remote or "*" in name or len(name) < 3 or name.startswith("-") else name


def _named(placed: PlacedCall, options: list[str]) -> str:
    """The value of an option, also where it is not told apart from the operands."""
    call = placed.call
    value = call.value(*options)
    if value:
        return value
    written = {f"-{name}" if len(name) == 1 else f"--{name}" for name in options}
    letters = {name for name in options if len(name) == 1}
    texts = [word.text for word in call.words[1:]]
    for text, behind in zip(texts, [*texts[1:], ""], strict=True):
        bundle = re.fullmatch(r"-?[A-Za-z]{2,}", text) and text[-1:] in letters
        if text in written or (bundle and call.program == "tar"):
            return behind
    return ""
