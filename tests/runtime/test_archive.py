"""The records of a run are kept where the plan says, and a failure to do so changes nothing else."""

from __future__ import annotations

from collections.abc import Callable

from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]
PHASE = '  phase work "Work" { budget 10s; step w "W" { run `test ! -e broken` } }'


def test_the_run_folder_is_copied_to_a_folder_whatever_came_of_the_run(compiled: Compiled) -> None:
    scripts = compiled(plan(PHASE, header='  archive folder "audit/op"'))
    assert scripts.run().returncode == 0
    (scripts.folder / "broken").write_text("")
    assert scripts.run("--run-dir", "second").returncode == 1
    kept = sorted((scripts.folder / "audit/op").iterdir())
    assert len(kept) == 2
    assert kept[1].name == "second"
    for folder in kept:
        assert '"event":"run_end"' in (folder / "journal.jsonl").read_text()
        assert (folder / "metrics.json").is_file()


def test_s3_is_reached_through_the_aws_command(compiled: Compiled) -> None:
    scripts = compiled(plan(PHASE, header='  archive s3 "s3://audit/op-1/"'))
    scripts.stub("aws", 'printf "%s\\n" "$@" >aws-arguments')
    assert scripts.run("--run-dir", "one").returncode == 0
    told = (scripts.folder / "aws-arguments").read_text().splitlines()
    assert told[:4] == ["s3", "cp", "--recursive", "--only-show-errors"]
    assert told[4] == str(scripts.folder / "one")
    assert told[5] == "s3://audit/op-1/one/"


def test_what_cannot_be_kept_is_told_with_the_way_to_repeat_it(compiled: Compiled) -> None:
    scripts = compiled(plan(PHASE, header='  archive s3 "s3://audit/op-1/"'))
    scripts.stub("aws", 'echo "Unable to locate credentials" >&2; exit 255')
    result = scripts.run()
    assert result.returncode == 0
    assert "could not be kept" in result.stdout
    assert "Unable to locate credentials" in result.stdout
    assert "repeat it with: 'aws' 's3' 'cp' '--recursive'" in result.stdout
