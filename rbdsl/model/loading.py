"""Brings in the modules that a file uses, each once, and finds circles."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from rbdsl.diagnostics import Diagnostic, Label, has_errors
from rbdsl.model.errors import DUPLICATE_NAME, IMPORT_CYCLE, MODULE_NOT_LOADED, WRONG_FILE
from rbdsl.model.lowering.exports import Module
from rbdsl.model.lowering.modules import read_module
from rbdsl.model.lowering.plan import Contents, check_module
from rbdsl.model.lowering.scope import Scope
from rbdsl.model.lowering.texts import read_text
from rbdsl.model.plan import Import
from rbdsl.model.values import Name
from rbdsl.record import dataclass
from rbdsl.source import Source, Span
from rbdsl.syntax.parser import parse
from rbdsl.syntax.tree import Node, SyntaxTree, Token


@dataclass(frozen=True, slots=True)
class Loaded:
    """A module file that was found; `key` is the same for the same file, however it is named."""

    key: str
    source: Source


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """Why a module can't be had, and what to do about it."""

    message: str
    hint: str | None = None


class Loader(Protocol):
    """Reads module files; the only thing here that knows of a file system.

    `path` is `std/name` when it was written without quotes, else relative to the folder of the
    importing file.
    """

    def load(self, path: str, *, standard: bool, importer: Source) -> Loaded | NotLoaded:
        """The file that a `use` names."""
        ...


@dataclass(slots=True)
class Modules:
    """The modules of one compilation.

    `inputs` are all module files in the order of loading, by the path that outputs show: relative
    to the plan's folder, `std/…` for the shipped library.
    """

    loader: Loader
    report: list[Diagnostic] = field(default_factory=list)
    inputs: dict[str, Source] = field(default_factory=dict)
    _known: dict[str, Module | None] = field(default_factory=dict)
    _under_way: list[tuple[str, str]] = field(default_factory=list)

    def of(self, tree: SyntaxTree, shown: str) -> tuple[dict[str, Module], tuple[Import, ...]]:
        """The modules that a file uses, by alias. `shown` is the path of the file itself.

        A module that can't be read is there all the same, `broken`, and has been reported.
        """
        found: dict[str, Module] = {}
        imports: dict[str, Import] = {}
        for node in tree.root.nodes():
            if node.kind != "use_statement":
                continue
            path, standard, span = self._path(tree, node)
            alias = _alias(tree, node, path)
            if alias.text in imports:
                self.report.append(
                    DUPLICATE_NAME.at(
                        alias.span,
                        f"two modules are used as `{alias}`",
                        labels=[Label(imports[alias.text].alias.span, "first here")],
                        hint="give one of them another name with `as`",
                    )
                )
                continue
            loaded = self.loader.load(path, standard=standard, importer=tree.source)
            if isinstance(loaded, NotLoaded):
                self.report.append(MODULE_NOT_LOADED.at(span, loaded.message, hint=loaded.hint))
                found[alias.text] = Module("", tree.source, {}, broken=True)
                continue
            imports[alias.text] = Import(path, alias, loaded.source, tree.span(node))
            name = _shown(path, standard=standard, importer=shown)
            module = self._module(loaded, name, span)
            found[alias.text] = module or Module("", loaded.source, {}, broken=True)
        return found, tuple(imports.values())

    def _path(self, tree: SyntaxTree, node: Node) -> tuple[str, bool, Span]:
        leaf = next(t for t in node.tokens() if t.type in ("PATH", "STRING"))
        span = tree.span(leaf)
        if leaf.type == "PATH":
            return str(leaf), True, span
        text = read_text(tree.source, span.start, span.end, Scope(), self.report)
        return text.plain, False, span

    def _module(self, loaded: Loaded, shown: str, span: Span) -> Module | None:
        keys = [key for key, _ in self._under_way]
        if loaded.key in keys:
            at = keys.index(loaded.key)
            names = [name for _, name in self._under_way[at:]] + [shown]
            self.report.append(
                IMPORT_CYCLE.at(
                    span,
                    "modules use each other in a circle",
                    notes=[" → ".join(names)],
                    hint="move what both need into a module of its own",
                )
            )
            return None
        if loaded.key in self._known:
            return self._known[loaded.key]
        self._known[loaded.key] = None
        self.inputs[shown] = loaded.source
        self._known[loaded.key] = self._read(loaded, shown, span)
        return self._known[loaded.key]

    def _read(self, loaded: Loaded, shown: str, span: Span) -> Module | None:
        tree, errors = parse(loaded.source)
        self.report.extend(errors)
        if tree is None:
            self._broken(span, shown)
            return None
        if not any(n.kind == "module_statement" for n in tree.root.nodes()):
            self.report.append(
                WRONG_FILE.at(
                    span,
                    f"`{shown}` is no module",
                    hint='a module begins with `module "Title"` behind `rbplan 1`',
                )
            )
            return None
        self._under_way.append((loaded.key, shown))
        inner, _ = self.of(tree, shown)
        self._under_way.pop()
        found: list[Diagnostic] = []
        module = read_module(tree, inner, found)
        found.extend(check_module(module)[1])
        self.report.extend(found)
        if has_errors(found):
            self._broken(span, shown)
            return None
        return module

    def _broken(self, span: Span, shown: str) -> None:
        self.report.append(MODULE_NOT_LOADED.at(span, f"module `{shown}` has errors of its own"))


def read_own_module(
    tree: SyntaxTree, modules: Mapping[str, Module]
) -> tuple[Module, Contents, list[Diagnostic]]:
    """A module file that is checked for itself, what it exports, and what is wrong with it."""
    report: list[Diagnostic] = []
    module = read_module(tree, modules, report)
    contents, found = check_module(module)
    return module, contents, [*report, *found]


def is_module(tree: SyntaxTree) -> bool:
    """Whether a file is a module and not a plan."""
    kinds = {n.kind for n in tree.root.nodes()}
    return "module_statement" in kinds and "plan" not in kinds


def _alias(tree: SyntaxTree, node: Node, path: str) -> Name:
    for leaf in node.children:
        if isinstance(leaf, Token) and leaf.type == "NAME":
            return Name(str(leaf), tree.span(leaf))
    stem = posixpath.basename(path).removesuffix(".rbplan")
    return Name(stem, tree.span(node))


def _shown(path: str, *, standard: bool, importer: str) -> str:
    if standard:
        return path
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
