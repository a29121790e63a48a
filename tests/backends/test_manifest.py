from __future__ import annotations

import hashlib
import json
from pathlib import Path

from jsonschema import Draft202012Validator

from rbdsl.backends.output import OutputFile
from rbdsl.backends.registry import emit
from rbdsl.documents.schemas import schema
from tests.backends.compiling import EXAMPLES, example


def write(files: list[OutputFile], folder: Path) -> None:
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.text.encode())
        path.chmod(0o755 if file.executable else 0o644)


def test_every_other_file_is_listed_with_hash_size_and_mode(tmp_path: Path) -> None:
    write(emit(example("api-v2.1")), tmp_path)
    tree = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    Draft202012Validator(json.loads(schema("manifest"))).validate(tree)
    listed = {entry["path"]: entry for entry in tree["manifest"]["outputs"]}
    on_disk = {p.relative_to(tmp_path).as_posix(): p for p in tmp_path.rglob("*") if p.is_file()}
    assert sorted(listed) == sorted(set(on_disk) - {"manifest.json"}) == list(listed)
    for path, entry in listed.items():
        content = on_disk[path].read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
        assert int(entry["mode"], 8) == on_disk[path].stat().st_mode & 0o777


def test_inputs_are_the_plan_first_and_its_modules() -> None:
    request = example("api-v2.1")
    (manifest,) = (f for f in emit(request, ["json"]) if f.path == "manifest.json")
    inputs = json.loads(manifest.text)["manifest"]["inputs"]
    assert inputs[0]["path"] == "api-v2-1.rbplan"
    content = (EXAMPLES / "api-v2.1" / "api-v2-1.rbplan").read_bytes()
    assert inputs[0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert "std/kubernetes" in [entry["path"] for entry in inputs]


def test_only_the_chosen_targets_are_listed() -> None:
    (manifest,) = (f for f in emit(example("n8n"), ["json"]) if f.path == "manifest.json")
    tree = json.loads(manifest.text)["manifest"]
    assert tree["targets"] == ["json"]
    assert [entry["path"] for entry in tree["outputs"]] == ["auto-rollback.json"]
    assert tree["plan"]["sha256"] == example("n8n").plan_sha256
