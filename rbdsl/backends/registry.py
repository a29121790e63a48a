"""The targets: which there are, and how a plan is compiled to them.

A shipped target is a folder in `targets/` whose `target.toml` has a `name` and a `description`,
and the module of this package that `backend` names (the target's name unless told); all further
keys of the manifest are the backend's own. A backend is imported when it is first used.

A target of one's own is a folder anywhere, with templates and this `target.toml`:

    name = "wiki"
    description = "the plan as a page of our wiki"

    [[files]]
    template = "page.html.j2"    # rendered with the view that `generic` documents
    path = "wiki/page.html"      # below the output folder
    executable = false           # the default
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import cast

from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.record import dataclass
from rbdsl.resources import data_folder

_MANIFEST = "target.toml"
_KEYS = {"name", "description", "files"}
_FILE_KEYS = {"template", "path", "executable"}


class TargetError(ValueError):
    """A `target.toml` that does not say what it has to; the text names the file and the fault."""


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file that a target without a backend renders."""

    template: str
    path: str
    executable: bool


@dataclass(frozen=True, slots=True)
class Target:
    """What users name with `--target`."""

    name: str
    description: str
    folder: Path
    backend: str | None
    files: tuple[TemplateFile, ...]

    def emit(self, request: EmitRequest) -> list[OutputFile]:
        """The files of this target for a plan."""
        if self.backend is None:
            from rbdsl.backends.generic import emit_templates

            return emit_templates(self, request)
        module = import_module(f"rbdsl.backends.{self.backend}")
        return cast("Callable[[EmitRequest], list[OutputFile]]", module.emit)(request)


@cache
def shipped() -> dict[str, Target]:
    """The targets that come with the compiler, by name, sorted."""
    folder = data_folder("targets")
    found = [_shipped(path) for path in sorted(folder.glob(f"*/{_MANIFEST}"))]
    return {target.name: target for target in found}


def _shipped(manifest: Path) -> Target:
    tree = tomllib.loads(manifest.read_text("utf-8"))
    name, description = (_text(manifest, tree, key) for key in ("name", "description"))
    return Target(name, description, manifest.parent, tree.get("backend", name), ())


def targets() -> tuple[str, ...]:
    """The names of the shipped targets, sorted."""
    return tuple(sorted(shipped()))


def load(folder: Path) -> Target:
    """One's own target. Raises TargetError for a wrong manifest, OSError where there is none."""
    path = folder / _MANIFEST
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: {error}") from error
    _keys(path, tree, _KEYS)
    files = tree.get("files")
    if not isinstance(files, list) or not files:
        raise TargetError(f"{path}: there are no `[[files]]`")
    return Target(
        name=_text(path, tree, "name"),
        description=_text(path, tree, "description"),
        folder=folder,
        backend=None,
        files=tuple(_file(path, entry) for entry in files),
    )


def emit(request: EmitRequest, chosen: Iterable[str | Target] | None = None) -> list[OutputFile]:
    """The files of the chosen targets (all shipped ones unless told) and `manifest.json` over them.

    Sorted by path. A target is given by its name or as loaded from a folder. Raises KeyError for
    an unknown name, and TargetError where two targets write the same file.
    """
    from rbdsl.backends.manifest import manifest

    known = shipped()
    wanted = known.values() if chosen is None else chosen
    used = {t.name: t for t in (known[c] if isinstance(c, str) else c for c in wanted)}
    files: dict[str, OutputFile] = {}
    for name in sorted(used):
        for file in used[name].emit(request):
            if file.path in files:
                raise TargetError(f"the target `{name}` writes `{file.path}`, as another one does")
            files[file.path] = file
    made = manifest(request, used, files.values())
    return sorted([*files.values(), made], key=lambda f: f.path)


def _file(manifest: Path, entry: object) -> TemplateFile:
    if not isinstance(entry, dict):
        raise TargetError(f"{manifest}: `files` is a list of tables")
    _keys(manifest, entry, _FILE_KEYS)
    path = _text(manifest, entry, "path")
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.name or path == "manifest.json":
        raise TargetError(f"{manifest}: `{path}` is not a file below the output folder")
    executable = entry.get("executable", False)
    if not isinstance(executable, bool):
        raise TargetError(f"{manifest}: `executable` is true or false")
    return TemplateFile(_text(manifest, entry, "template"), pure.as_posix(), executable)


def _keys(manifest: Path, table: dict[str, object], allowed: set[str]) -> None:
    if unknown := sorted(set(table) - allowed):
        raise TargetError(f"{manifest}: unknown key `{unknown[0]}`")


def _text(manifest: Path, table: dict[str, object], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise TargetError(f"{manifest}: `{key}` is missing or not a text")
    return value
