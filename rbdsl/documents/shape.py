"""What all documents have in common: how strict they are, and how they become JSON text.

A field that has no default is always written, as null where nothing is known yet. A field with a
default is left out of the text unless it was given a value.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

JSON_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Number = Annotated[int | float, WithJsonSchema({"type": "number"})]
"""A whole number stays one: 500 is written as 500 and not as 500.0."""

Seconds = Annotated[int | float, Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})]
"""A length of time in seconds."""

Share = Annotated[
    int | float,
    Field(ge=0, le=1),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
"""A part of one: 0.95 is 95 %."""

Count = Annotated[int, Field(ge=0)]
"""A whole number from 0."""

Instant = AwareDatetime
"""A point in time with its offset from UTC (RFC 3339)."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal digits."""


class Shape(BaseModel):
    """One JSON object: no unknown keys, no conversion of types, no change once it is made."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )

    def to_json(self) -> str:
        """The document as indented JSON, keys in the order of the model, a newline at its end."""
        tree = self.model_dump(mode="json", exclude_unset=True)
        return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


class PlanIdentity(Shape):
    """Which plan a document was made from."""

    name: str
    """The plan's name, e.g. `api-v2-1`."""
    title: str
    """The plan's title for people."""
    level: int
    """The certification level."""
    sha256: Sha256
    """The hash of the plan's source with everything that it imports."""


def number(value: Decimal | float) -> int | float:
    """A number as JSON writes it best: whole ones without a decimal point."""
    return int(value) if value == int(value) else float(value)


def in_seconds(ms: int) -> int | float:
    """Milliseconds as seconds: 120000 as 120, 1500 as 1.5."""
    return number(Decimal(ms) / 1000)


def schema_of(model: type[Shape], name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document, with its identity in front."""
    tree = model.model_json_schema(mode="validation")
    head = {"$schema": JSON_SCHEMA_DIALECT, "$id": f"urn:rbdsl:schema:{name}:1"}
    return head | {key: tree[key] for key in ("title", "description") if key in tree} | tree
