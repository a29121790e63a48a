from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from rbdsl.documents.schemas import DOCUMENTS, schema

SEED = Path(__file__).resolve().parents[1] / "seed" / "data"
SEED_NAMES = ("auto-rollback", "rollback-metrics", "rollback-failure")


def seed(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((SEED / f"{name}.json").read_text("utf-8"))


def errors(name: str, document: object) -> list[str]:
    validator = Draft202012Validator(json.loads(schema(name)))
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_is_a_valid_one_and_names_itself(name: str) -> None:
    tree = json.loads(schema(name))
    Draft202012Validator.check_schema(tree)
    assert list(tree)[:4] == ["$schema", "$id", "title", "description"]
    assert tree["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert tree["$id"] == f"urn:rbdsl:schema:{name}:1"


def described(tree: dict[str, Any], about: dict[str, Any]) -> bool:
    """Whether the shape that a field refers to says all that there is to say."""
    name = about.get("$ref", "").removeprefix("#/$defs/")
    return bool(name and tree["$defs"][name].get("description"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_is_described(name: str) -> None:
    tree = json.loads(schema(name))
    shapes = [tree, *tree.get("$defs", {}).values()]
    missing = [
        f"{shape.get('title')}.{field}"
        for shape in shapes
        for field, about in shape.get("properties", {}).items()
        if not (about.get("description") or described(tree, about))
    ]
    assert missing == []


@pytest.mark.parametrize("name", SEED_NAMES)
def test_the_seeds_document_is_valid(name: str) -> None:
    assert errors(name, seed(name)) == []


@pytest.mark.parametrize("name", SEED_NAMES)
def test_the_seeds_document_is_read_and_written_byte_by_byte(name: str) -> None:
    text = (SEED / f"{name}.json").read_text("utf-8")
    assert DOCUMENTS[name].model_validate_json(text).to_json() == text


@pytest.mark.parametrize("name", SEED_NAMES)
def test_an_unknown_key_is_refused(name: str) -> None:
    document = seed(name)
    next(iter(document.values()))["surprise"] = 1
    assert errors(name, document)
    with pytest.raises(ValidationError):
        DOCUMENTS[name].model_validate_json(json.dumps(document))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("auto-rollback", ["auto_rollback", "rollback_timeout_seconds"], "900"),
        ("auto-rollback", ["auto_rollback", "triggers", 0, "comparison"], "above"),
        ("auto-rollback", ["auto_rollback", "triggers", 0, "duration_seconds"], -1),
        ("rollback-metrics", ["rollback_metrics", "rollback_success", "attempts"], 1.5),
        ("rollback-metrics", ["rollback_metrics", "quality_metrics", "rollback_plan_accuracy"], 2),
        ("rollback-failure", ["rollback_failure", "escalation_timeline", 0, "level"], None),
    ],
)
def test_a_wrong_value_is_refused_by_schema_and_model(
    name: str, path: list[str | int], value: object
) -> None:
    document = seed(name)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    assert path[-1] in inner
    inner[path[-1]] = value
    assert errors(name, document)
    with pytest.raises(ValidationError):
        DOCUMENTS[name].model_validate_json(json.dumps(document))


def test_a_local_time_without_offset_is_refused() -> None:
    document = seed("rollback-failure")
    document["rollback_failure"]["rollback_failed_at"] = "2025-12-09T20:35:00"
    with pytest.raises(ValidationError):
        DOCUMENTS["rollback-failure"].model_validate_json(json.dumps(document))


def test_there_is_no_schema_of_another_name() -> None:
    with pytest.raises(KeyError):
        schema("other")
