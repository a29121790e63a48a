"""The LALR parser of `grammar/rbplan.lark`, built once and then kept in the user's cache folder.

Building takes some 200 ms, loading a twentieth of it. The cache is a pickle and therefore read only
from a folder that belongs to the user alone; without one the parser is built anew.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef
from lark.utils import SerializeMemoizer

from rbdsl.resources import data_folder
from rbdsl.syntax.lexer import KeywordLexer
from rbdsl.syntax.tree import Node


@cache
def parser() -> Lark:
    """The parser, made once in a process."""
    grammar = (data_folder("grammar") / "rbplan.lark").read_text(encoding="utf-8")
    identity = f"2\0{lark.__version__}\0{sys.version}\0{grammar}"
    folder = _cache_folder()
    path = folder / f"grammar-{hashlib.sha256(identity.encode()).hexdigest()[:32]}.lark"
    loaded = _load(path) if _is_private(folder) and _is_private(path) else None
    if loaded is not None:
        return loaded
    built = Lark(
        grammar,
        parser="lalr",
        lexer=KeywordLexer,
        keep_all_tokens=True,
        maybe_placeholders=False,
        tree_class=Node,
    )
    _save(built, path)
    return built


def _cache_folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (base if base.is_absolute() else Path.home() / ".cache") / "rbc"
    except RuntimeError:  # nobody's home: build the parser each time
        return Path(os.devnull)


def _is_private(folder: Path) -> bool:
    """Whether nobody else may write there, so that unpickling is as safe as running rbc."""
    try:
        status = folder.stat()
    except OSError:
        return False
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _load(path: Path) -> Lark | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    try:
        kept = pickle.loads(content)  # noqa: S301 - see _is_private
        for one in kept["memo"].values():
            if isinstance(one, Rule):
                one._deserialize()  # its hash was that of another process  # noqa: SLF001
        instance = Lark.__new__(Lark)
        # Lark.load takes no tree_class, which a cached parser needs as much as a new one.
        return instance._load(kept, tree_class=Node)  # noqa: SLF001
    except Exception:  # noqa: BLE001 - whatever a torn cache raises, the grammar is built anew
        return None


def _save(built: Lark, path: Path) -> None:
    """Keeps the parser for next time; a cache that can't be written is only slower.

    As `Lark.save`, but the rules are kept as objects: reading the 645 of them from lists and
    dictionaries would take most of the time of a load.
    """
    memo = SerializeMemoizer([TerminalDef, Rule])
    kept = {"data": built.serialize(memo), "memo": memo.memoized.reversed()}
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(path.parent):
            return
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            pickle.dump(kept, file, protocol=pickle.HIGHEST_PROTOCOL)
        Path(file.name).replace(path)
    except OSError:
        return
