"""`rbc diff` as users run it: files, folders, revisions of a real repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from syrupy.assertion import SnapshotAssertion

from rbdsl.documents.schemas import schema
from tests.cli.conftest import MODULE, PLAN, Rbc

ROOT = Path(__file__).parents[2]
Git = Callable[..., str]


@pytest.fixture
def git(folder: Path) -> Git:
    """Runs git in the project folder, which is a repository."""

    def run(*arguments: str) -> str:
        author = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}  # fmt: skip
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env={**os.environ, **author, "GIT_CONFIG_GLOBAL": "/dev/null"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    run("init", "-q", "-b", "main")
    return run


@pytest.fixture
def committed(git: Git, plan: Path) -> Path:
    """The plan, committed on `main`."""
    git("add", ".")
    git("commit", "-qm", "one")
    return plan


def test_two_files(rbc: Rbc, plan: Path, folder: Path, snapshot: SnapshotAssertion) -> None:
    (folder / "new.rbplan").write_text(PLAN.replace("budget 4m", "budget 5m"))
    done = rbc("diff", plan.name, "new.rbplan")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == snapshot
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_fail_on_weaker(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "new.rbplan").write_text(PLAN.replace("budget 4m", "budget 5m"))
    assert rbc("diff", plan.name, "new.rbplan", "--fail-on", "weaker").returncode == 1
    assert rbc("diff", "new.rbplan", plan.name, "--fail-on", "weaker").returncode == 0


def test_two_files_with_the_same_meaning(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "new.rbplan").write_text(PLAN.replace("  phase back", "\n  # back\n  phase back"))
    done = rbc("diff", plan.name, "new.rbplan", "--fail-on", "weaker")
    assert (done.returncode, done.stdout) == (0, "1 plan: 1 same; nothing got weaker\n")


def test_the_seed_plan_and_its_mended_version(rbc: Rbc, snapshot: SnapshotAssertion) -> None:
    seed = ROOT / "tests/seed/api-v2-1-as-written.rbplan"
    mended = ROOT / "examples/api-v2.1/api-v2-1.rbplan"
    done = rbc("diff", seed, mended)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines[1:])) <= 80
    # What is stronger depends on which rules there are.
    assert lines[2 : lines.index("STRONGER")] == snapshot


def test_folders_with_plans_that_came_went_and_moved(rbc: Rbc, folder: Path) -> None:
    for name in ("old", "new/sub"):
        (folder / name).mkdir(parents=True)
    (folder / "old/a.rbplan").write_text(PLAN)
    (folder / "old/b.rbplan").write_text(PLAN.replace("plan shop", "plan gone"))
    (folder / "new/sub/a.rbplan").write_text(PLAN.replace("budget 4m", "budget 3m30s"))
    (folder / "new/c.rbplan").write_text(PLAN.replace("plan shop", "plan added"))
    done = rbc("diff", "old", "new", "--format", "json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(schema("plan-diff")))
    assert [(p["state"], p["name"], p["old_path"], p["new_path"]) for p in document["plans"]] == [
        ("added", "added", None, "c.rbplan"),
        ("changed", "shop", "a.rbplan", "sub/a.rbplan"),
        ("removed", "gone", "b.rbplan", None),
    ]
    lowered = document["plans"][1]["changes"][-1]
    assert (lowered["kind"], lowered["before"], lowered["after"]) == ("budget-lowered", "4m", "3m30s")  # fmt: skip
    assert lowered["position"]["path"] == "new/sub/a.rbplan"
    assert document["weaker"] == 1


def test_the_working_tree_with_a_revision(rbc: Rbc, committed: Path, git: Git) -> None:
    assert rbc("diff", "main").stdout == "1 plan: 1 same; nothing got weaker\n"
    committed.write_text(PLAN.replace("budget 4m", "budget 5m"))
    assert "budget raised from 4m to 5m" in rbc("diff", "HEAD").stdout
    git("commit", "-qam", "two")
    assert rbc("diff", "HEAD").stdout == "1 plan: 1 same; nothing got weaker\n"
    for arguments in (("HEAD~1..HEAD",), ("HEAD~1", "HEAD"), ("HEAD~1..",), ("HEAD~1",)):
        assert "budget raised from 4m to 5m" in rbc("diff", *arguments).stdout, arguments


def test_a_branch_with_where_it_began(rbc: Rbc, committed: Path, git: Git) -> None:
    git("checkout", "-qb", "work")
    committed.write_text(PLAN.replace("budget 4m", "budget 5m"))
    git("commit", "-qam", "mine")
    git("checkout", "-q", "main")
    committed.write_text(PLAN.replace("budget 2m; verify", "budget 9m; verify"))
    git("commit", "-qam", "theirs")
    assert "from 9m to 2m" in rbc("diff", "main..work").stdout
    done = rbc("diff", "main...work")
    assert "from 4m to 5m" in done.stdout
    assert "9m" not in done.stdout.split("WEAKER")[1]


def test_only_some_paths(rbc: Rbc, committed: Path, folder: Path, git: Git) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/other.rbplan").write_text(PLAN.replace("plan shop", "plan other"))
    git("add", ".")
    git("commit", "-qm", "two")
    for path in (committed, folder / "sub/other.rbplan"):
        path.write_text(path.read_text().replace("budget 4m", "budget 5m"))
    assert "2 plans: 2 changed" in rbc("diff", "HEAD").stdout
    for arguments in (
        ("HEAD", "--", "sub"),
        ("HEAD", "--", "sub/other.rbplan"),
        ("HEAD", "sub"),
        ("HEAD~1", "HEAD", "--", "sub"),
    ):
        done = rbc("diff", *arguments)
        assert "1 plan: " in done.stdout, done.stdout + done.stderr
        assert "sub/other.rbplan" in done.stdout


def test_modules_are_those_of_the_revision(rbc: Rbc, folder: Path, git: Git) -> None:
    (folder / "plans").mkdir()
    module = folder / "shared.rbplan"
    module.write_text(MODULE)
    text = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "../shared.rbplan" as things\n').replace(
        "      timeout 3m\n", "      timeout 2m\n"
    )
    text = text.replace(
        "    step undo",
        '    step wait "Wait" things.wait(seconds: 5) { timeout 9s }\n    step undo',
    )
    (folder / "plans/a.rbplan").write_text(text)
    git("add", ".")
    git("commit", "-qm", "one")
    module.write_text(MODULE.replace('sleep "$seconds"', 'sleep 1; sleep "$seconds"'))
    done = rbc("diff", "HEAD")
    assert done.returncode == 0, done.stderr
    assert '        + sleep 1; sleep "$seconds"' in done.stdout
    module.unlink()
    done = rbc("diff", "HEAD")
    assert done.returncode == 2
    assert "now: RB209 there is no module `../shared.rbplan`" in done.stdout
    git("commit", "-qam", "gone")
    done = rbc("diff", "HEAD", "HEAD~1")
    assert done.returncode == 2
    assert "before: RB209 there is no module `../shared.rbplan` in `HEAD`" in " ".join(
        done.stdout.split()
    )


def test_a_link_to_a_plan_in_a_revision(rbc: Rbc, committed: Path, folder: Path, git: Git) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/link.rbplan").symlink_to("../shop.rbplan")
    (folder / "sub/nowhere.rbplan").symlink_to("nothing.rbplan")
    git("add", ".")
    git("commit", "-qm", "two")
    committed.write_text(PLAN.replace("budget 4m", "budget 5m"))
    done = rbc("diff", "HEAD~0..HEAD", "--", "sub/link.rbplan")
    assert done.stdout == "1 plan: 1 same; nothing got weaker\n"


def test_a_side_that_does_not_parse(rbc: Rbc, committed: Path) -> None:
    committed.write_text(PLAN.replace("budget 4m", "budgte 4m"))
    done = rbc("diff", "main", "--fail-on", "weaker")
    assert done.returncode == 2
    text = " ".join(done.stdout.split())
    assert "cannot be compared: - now: RB102 unknown statement `budgte`" in text
    assert "(shop.rbplan:8:5)" in text
    assert done.stdout.endswith("1 plan: 1 unreadable\n")
    committed.write_bytes(b"rbplan 1\n\0")
    done = rbc("diff", "main", "--format", "json")
    assert done.returncode == 2
    (problem,) = json.loads(done.stdout)["plans"][0]["problems"]
    assert (problem["version"], problem["code"]) == ("now", "RB100")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("shop.rbplan",), "rbc diff HEAD -- shop.rbplan"),
        (("nothing",), "there is no revision 'nothing'"),
        (("--", "shop.rbplan"), "OLD"),
        (("main", "main", "main"), "one or two revisions"),
        (("shop.rbplan", "main"), "revisions stand before files"),
        (("main", "--", "/"), "'/' is not in the repository"),
        (("main", "--", "none.rbplan"), "there is no plan in 'none.rbplan'"),
        (("",), "a side is empty"),
        (("-x", "main"), "No such option"),
        (("--end-of-options..main",), "no such option"),
        (("shop.rbplan", "."), "'shop.rbplan' is a file and '.' is a folder"),
    ],
)
@pytest.mark.usefixtures("committed")
def test_wrong_usage(rbc: Rbc, arguments: tuple[str, ...], words: str) -> None:
    done = rbc("diff", *arguments)
    assert done.returncode == 2
    assert words.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("committed")
def test_a_revision_that_looks_like_an_option_of_git_is_none(rbc: Rbc) -> None:
    done = rbc("diff", "x..--all")
    assert done.returncode == 2
    assert "there is no revision" in done.stderr


def test_outside_of_a_repository(rbc: Rbc, plan: Path) -> None:
    done = rbc("diff", "main", environment={"GIT_CEILING_DIRECTORIES": str(plan.parent.parent)})
    assert done.returncode == 2
    assert "there is no file 'main', and here is not a git repository to look it up" in done.stderr


def test_a_comment_for_a_review_is_inert(rbc: Rbc, plan: Path, folder: Path) -> None:
    evil = "<img src=x onerror=alert(1)> @all #1 [a](b) | ``` `x` \\n</details>"
    (folder / "new.rbplan").write_text(
        PLAN.replace(
            "  scenario quick", f'  scenario evil "{evil}" {{ run back..proof }}\n  scenario quick'
        )
        .replace("delete configmap shop-3-2-flags", "delete configmap x; echo '</details>'")
        .replace("budget 4m", "budget 5m")
    )
    done = rbc("diff", plan.name, "new.rbplan", "--format", "markdown")
    assert done.returncode == 0
    assert done.stdout.startswith("## Rollback plans: weaker in 4 points\n")
    assert "- 6m in the worst case, was 5m" in done.stdout
    assert "| on the clock | 6m | 7m | +1m |" in done.stdout
    assert (
        "  - budget raised from 4m to 5m — it may take longer before anybody is told" in done.stdout
    )
    import mistune

    page = mistune.create_markdown(escape=False)(done.stdout)
    assert isinstance(page, str)
    assert "<img" not in page
    assert page.count("</details>") == page.count("<details>")
    assert 'href="b"' not in page


LEVELS = """\
format = 1
[level.2]
sla = "7m"
requires = ["documented-procedure", "staging-test"]
"""


def test_a_side_is_judged_by_its_own_policy(
    rbc: Rbc, committed: Path, folder: Path, git: Git
) -> None:
    (folder / "rbc.toml").write_text('policy = "levels.toml"\n')
    (folder / "levels.toml").write_text(LEVELS)
    git("add", ".")
    git("commit", "-qm", "levels of our own")
    committed.write_text(PLAN.replace("budget 4m", "budget 6m"))
    told = rbc("diff", "HEAD").stdout
    assert "8m on the clock, was 6m" in told
    assert "over the SLA of 7m by 1m" in told
    (folder / "levels.toml").write_text(LEVELS.replace("7m", "40m").replace(', "staging-test"', ""))
    committed.write_text(PLAN)
    git("commit", "-qam", "weaker levels")
    for sides in (("HEAD~1",), ("HEAD~1", "HEAD"), ("HEAD~1..HEAD",)):
        done = rbc("diff", *sides, "--fail-on", "weaker")
        assert done.returncode == 1
        told = " ".join(done.stdout.split())
        assert "SLA of 40m, was 7m" in told
        assert "“Rollback tested in staging” is not asked for any more" in told
    levels = rbc("diff", "HEAD~1", "--policy", ROOT / "stdlib/levels.toml")
    assert levels.stdout == "1 plan: 1 same; nothing got weaker\n"


def test_what_the_configuration_newly_ignores(
    rbc: Rbc, committed: Path, folder: Path, git: Git
) -> None:
    # The plan gets a finding, and its rule is ignored in the same breath.
    committed.write_text(PLAN.replace("timeout 3m", "timeout 9m"))
    (folder / "rbc.toml").write_text('ignore = ["RB306"]\nseverity = { RB307 = "off" }\n')
    done = rbc("diff", "HEAD", "--fail-on", "weaker")
    assert done.returncode == 1
    told = " ".join(done.stdout.split())
    assert "`RB306` is ignored now" in told
    assert "the severity of `RB307` is `off`, was as usual" in told
    assert "RB306: phase `back` may take" in told
    git("commit", "-qam", "two")
    assert rbc("diff", "HEAD").stdout == "1 plan: 1 same; nothing got weaker\n"
    (folder / "rbc.toml").write_text("")
    back = rbc("diff", "HEAD", "--fail-on", "weaker")
    assert "`RB306` is not ignored any more" in back.stdout
    assert back.returncode == 0


def test_folders_with_a_configuration_each(rbc: Rbc, folder: Path) -> None:
    for name, sla in (("a", "7m"), ("b", "9m")):
        (folder / name).mkdir()
        (folder / name / "shop.rbplan").write_text(PLAN)
        (folder / name / "rbc.toml").write_text('root = true\npolicy = "l.toml"\n')
        (folder / name / "l.toml").write_text(LEVELS.replace("7m", sla))
    assert "SLA of 9m, was 7m" in rbc("diff", "a", "b").stdout
    (folder / "b/rbc.toml").write_text("nonsense = 1\n")
    broken = rbc("diff", "a", "b")
    assert broken.returncode == 2
    assert "RB298 the configuration has no `nonsense`" in " ".join(broken.stdout.split())


def test_a_shallow_clone_says_how_to_deepen_it(
    rbc: Rbc, committed: Path, folder: Path, git: Git
) -> None:
    committed.write_text(PLAN.replace("budget 4m", "budget 5m"))
    git("commit", "-qam", "two")
    git("checkout", "-q", "-b", "br", "HEAD~1")
    git("commit", "-q", "--allow-empty", "-m", "three")
    git(
        "clone",
        "-q",
        "--no-local",
        "--depth=1",
        "--no-single-branch",
        f"file://{folder}",
        "shallow",
    )
    for sides, fact in (
        ("HEAD~1", "there is no revision 'HEAD~1'"),
        ("origin/main...HEAD", "'origin/main' and 'HEAD' have no commit in common"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rbdsl.cli.main", "diff", sides],
            cwd=folder / "shallow", capture_output=True, text=True, check=False,
        )  # fmt: skip
        told = " ".join(done.stderr.split())
        assert done.returncode == 2
        assert fact in told
        assert "`git fetch --unshallow`" in told
    assert "unshallow" not in rbc("diff", "HEAD~9").stderr


def test_a_bare_repository_has_revisions_and_no_working_tree(
    rbc: Rbc, committed: Path, folder: Path, git: Git
) -> None:
    committed.write_text(PLAN.replace("budget 4m", "budget 5m"))
    git("commit", "-qam", "two")
    git("clone", "-q", "--bare", ".", "bare.git")

    def diff(*sides: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rbdsl.cli.main", "diff", *sides],
            cwd=folder / "bare.git", capture_output=True, text=True, check=False,
        )  # fmt: skip

    done = diff("main~1", "main")
    assert (done.returncode, done.stderr) == (0, "")
    assert "budget raised from 4m to 5m" in done.stdout
    alone = diff("main~1")
    assert alone.returncode == 2
    assert "is a bare repository and has no working tree" in " ".join(alone.stderr.split())
    assert rbc("diff", "HEAD").returncode == 0
