"""What becomes of findings under the settings of a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.project.configuration import Override
from rbdsl.project.selectors import Selector
from rbdsl.project.settings import COMMAND_LINE, Layer, Setting
from tests.project.configuring import judged, settings


def test_without_configuration_all_but_pedantic_is_reported(tmp_path: Path) -> None:
    config = settings(tmp_path, {})
    assert [judged(config, "RB803"), judged(config, "RB502", "pedantic")] == ["warning", "off"]
    config = settings(tmp_path, {}, override=Override(pedantic=True))
    assert judged(config, "RB502", "pedantic") == "pedantic"


@pytest.mark.parametrize(
    ("toml", "reported", "silent"),
    [
        ('ignore = ["RB803"]', ["RB804", "SC2086"], ["RB803"]),
        ('ignore = ["RB80"]', ["RB811", "RB301"], ["RB803", "RB809"]),
        ('ignore = ["same-path-twice"]', ["RB804"], ["RB803"]),
        ('ignore = ["SC"]', ["RB803"], ["SC2086", "SC1091"]),
        ('ignore = ["SC2086"]', ["SC2087"], ["SC2086"]),
        ('select = ["RB8"]', ["RB803"], ["RB302", "SC2086"]),
        ('select = ["RB8"]\nignore = ["RB803"]', ["RB804"], ["RB803"]),
        ('select = ["RB803"]\nignore = ["RB8"]', ["RB803"], ["RB804"]),
        ('severity = { RB803 = "off" }', ["RB804"], ["RB803"]),
        ('severity = { RB8 = "off", RB803 = "warning" }', ["RB803"], ["RB804"]),
        # What every plan has to keep is reported whatever is selected, and whatever goes with it.
        ('select = ["SC"]', ["RB101", "RB301", "RB402", "RB810", "RB910"], ["RB803"]),
        ('ignore = ["RB"]', ["RB101", "RB301", "RB402", "RB810", "SC2086"], ["RB803"]),
        ('severity = { RB8 = "off" }', ["RB810"], ["RB803"]),
    ],
)
def test_one_configuration(
    tmp_path: Path, toml: str, reported: list[str], silent: list[str]
) -> None:
    config = settings(tmp_path, {"rbc.toml": toml})
    assert [code for code in reported if judged(config, code) == "off"] == []
    assert [code for code in silent if judged(config, code) != "off"] == []


@pytest.mark.parametrize(
    ("far", "near", "reported", "silent"),
    [
        # Lists add up.
        ('ignore = ["RB803"]', 'ignore = ["RB804"]', ["RB805"], ["RB803", "RB804"]),
        ('select = ["RB8"]', 'select = ["RB3"]', ["RB803", "RB302"], ["RB601"]),
        ('ignore = ["RB803"]', "strict = true", ["RB804"], ["RB803"]),
        # What the nearer one says of a code comes after all that the farther one says.
        ('ignore = ["RB803"]', 'severity = { RB8 = "warning" }', ["RB803"], []),
        ('select = ["RB803", "RB3"]', 'ignore = ["RB8"]', ["RB302"], ["RB803"]),
        ('ignore = ["RB8"]', 'severity = { RB803 = "warning" }', ["RB803"], ["RB804"]),
        ('severity = { RB803 = "off" }', 'severity = { RB803 = "info" }', ["RB803"], []),
        # A farther one for a path comes before a nearer one for all.
        (
            '[per-path."plans/**"]\nignore = ["RB803"]',
            'severity = { RB803 = "error" }',
            ["RB803"],
            [],
        ),
    ],
)
def test_a_nearer_configuration_extends_the_farther_one(
    tmp_path: Path, far: str, near: str, reported: list[str], silent: list[str]
) -> None:
    config = settings(tmp_path, {"rbc.toml": far, "plans/rbc.toml": near})
    assert [code for code in reported if judged(config, code) == "off"] == []
    assert [code for code in silent if judged(config, code) != "off"] == []


def test_severities(tmp_path: Path) -> None:
    toml = '[severity]\nRB8 = "info"\nRB803 = "error"\nSC2086 = "pedantic"\nRB502 = "warning"\n'
    config = settings(tmp_path, {"rbc.toml": toml + 'RB4 = "error"\nRB = "warning"'})
    assert judged(config, "RB803") == "error"
    assert judged(config, "RB804", "error") == "info"
    assert judged(config, "SC2086", "error") == "off"
    assert judged(config, "RB502", "pedantic") == "warning"
    assert judged(config, "RB402", "warning") == "error"
    # What every plan has to keep may be judged harder, never softer.
    assert judged(config, "RB810", "error") == "error"
    assert judged(config, "RB301", "error") == "error"
    assert judged(config, "RB910", "info") == "warning"


def test_the_nearer_severity_holds(tmp_path: Path) -> None:
    config = settings(
        tmp_path,
        {
            "rbc.toml": 'severity = { RB803 = "error" }',
            "plans/rbc.toml": '[severity]\nRB8 = "info"',
        },
    )
    assert judged(config, "RB803") == "info"


def test_a_pedantic_rule_is_on_where_it_is_selected_by_its_code(tmp_path: Path) -> None:
    config = settings(tmp_path, {"rbc.toml": 'select = ["RB8", "redundant-order"]'})
    assert judged(config, "RB502", "pedantic") == "pedantic"
    assert judged(config, "RB808", "pedantic") == "off"
    config = settings(tmp_path, {"rbc.toml": "pedantic = true"})
    assert judged(config, "RB808", "pedantic") == "pedantic"


def test_paths(tmp_path: Path) -> None:
    toml = '[per-path."legacy/**"]\nignore = ["RB3"]\nseverity = { RB803 = "info" }\n'
    files = {"rbc.toml": 'severity = { RB803 = "error" }\n' + toml}
    inside = settings(tmp_path, files, "legacy/old/a.rbplan")
    assert [judged(inside, "RB302"), judged(inside, "RB803")] == ["off", "info"]
    outside = settings(tmp_path, files, "plans/a.rbplan")
    assert [judged(outside, "RB302"), judged(outside, "RB803")] == ["warning", "error"]
    # A finding in a module is judged by the place of the module, one of the library by the plan's.
    module = str(tmp_path / "legacy/things.rbplan")
    assert judged(outside, "RB302", path=module) == "off"
    assert judged(inside, "RB302", path="std/http") == "off"


def test_the_command_line_comes_last(tmp_path: Path) -> None:
    files = {"rbc.toml": 'select = ["RB3", "RB9"]\nignore = ["RB803", "RB302"]'}
    chosen = Override(Layer(select=(Setting(Selector("RB8", "RB8"), COMMAND_LINE),)))
    config = settings(tmp_path, files, override=chosen)
    assert [judged(config, c) for c in ("RB803", "RB303", "RB302")] == ["warning", "off", "off"]
    unwanted = Override(Layer(ignore=(Setting(Selector("RB9", "RB9"), COMMAND_LINE),)))
    config = settings(tmp_path, files, override=unwanted)
    assert [judged(config, c) for c in ("RB303", "RB901", "RB803")] == ["warning", "off", "off"]


def test_single_settings_are_those_of_the_nearest_that_has_them(tmp_path: Path) -> None:
    far = 'policy = "levels.toml"\nbaseline = "b.json"\nstrict = true\npedantic = true'
    config = settings(tmp_path, {"rbc.toml": far, "plans/rbc.toml": "strict = false"})
    assert config.policy.value == tmp_path / "levels.toml"
    assert config.baseline.value == tmp_path / "b.json"
    assert (config.pedantic.value, config.strict.value) == (True, False)
    assert str(config.strict.origin).endswith("plans/rbc.toml:1")
    config = settings(tmp_path, {}, override=Override(strict=True, baseline=Path("/c.json")))
    assert (config.strict.value, str(config.strict.origin)) == (True, "command line")
    assert config.baseline.value == Path("/c.json")


def test_the_fingerprint_tells_settings_apart_and_folders_not(tmp_path: Path) -> None:
    toml = 'ignore = ["RB803"]\n'
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = settings(tmp_path / "one", {"rbc.toml": toml})
    two = settings(tmp_path / "two", {"rbc.toml": "# moved\n" + toml})
    assert one.fingerprint == two.fingerprint
    seen = {one.fingerprint}
    for text in (
        'ignore = ["RB804"]',
        'select = ["RB803"]',
        'severity = { RB803 = "info" }',
        "pedantic = true",
        'policy = "levels.toml"',
        '[per-path."plans/**"]\nignore = ["RB803"]',
        '[per-path."plan/**"]\nignore = ["RB803"]',
    ):
        seen.add(settings(tmp_path / "one", {"rbc.toml": text}).fingerprint)
    seen.add(settings(tmp_path / "one", {}, "other/b.rbplan").fingerprint)
    assert len(seen) == 9
