"""`manifest.json`: what a compiled plan was made from, and every file that it consists of."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from rbdsl.documents.shape import Count, PlanIdentity, Sha256, Shape


class Compiler(Shape):
    """What made the files."""

    name: str
    """`rbc`."""
    version: str
    """Its version."""


class Input(Shape):
    """A source."""

    path: str
    """Relative to the plan's own folder; `std/…` is the shipped library."""
    sha256: Sha256
    """The hash of its bytes."""


class Output(Shape):
    """A generated file."""

    path: str
    """Relative to the folder of the manifest."""
    sha256: Sha256
    """The hash of its bytes."""
    bytes: Count
    """Its size."""
    mode: Annotated[str, Field(pattern=r"^0[0-7]{3}$")]
    """Its permissions: 0755 for a script, else 0644."""


class Manifest(Shape):
    """The inputs and outputs of one compilation. The manifest itself is not listed."""

    format: int
    """The version of this shape: 1."""
    plan: PlanIdentity
    """Which plan it is."""
    compiler: Compiler
    """What made the files."""
    targets: list[str]
    """The targets that were compiled, sorted."""
    inputs: list[Input]
    """The plan first, then its modules in the order in which they are first used."""
    outputs: list[Output]
    """Every other file of the folder, in the order of their paths."""


class ManifestDocument(Shape):
    """What a compiled plan was made from, and every file that it consists of."""

    model_config = ConfigDict(title="Manifest of a compiled plan")

    manifest: Manifest
    """The list."""
