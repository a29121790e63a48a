"""The records of a run are packed and kept where the plan says; a failure changes nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, plan, wait_for
from tests.systems.receivers import http_receiver, path_without

Compiled = Callable[[str], Scripts]
PHASE = """
  secret TOKEN
  phase work "Work" { budget 10s; step w "W" { run `echo "the token is $TOKEN"; test ! -e broken` } }
"""
SECRET = {"TOKEN": "s3cret-token"}


def kept(target: str, kind: str = "folder") -> str:
    """A plan of one phase that is archived."""
    return plan(PHASE, header=f'  archive {kind} "{target}"')


def archived(scripts: Scripts) -> list[tuple[str, str]]:
    """What the journal says of the archive: outcome and error."""
    return [(e["outcome"], e.get("error", "")) for e in scripts.events("archive")]


def unpacked(folder: Path) -> dict[str, str]:
    """The files in the one packed file of a folder, whose checksum is beside it."""
    (packed,) = folder.glob("*.tar.gz")
    said, name = (folder / f"{packed.name}.sha256").read_text().split()
    assert name == packed.name
    assert said == hashlib.sha256(packed.read_bytes()).hexdigest()
    with tarfile.open(packed) as tar:
        names = tar.getnames()
        assert names == sorted(names)
        files = {m.name: tar.extractfile(m) for m in tar.getmembers()}
        return {name: file.read().decode() for name, file in files.items() if file}


@pytest.mark.parametrize("broken", [False, True])
def test_a_run_is_packed_whole_into_a_folder_that_is_made(compiled: Compiled, broken: bool) -> None:
    scripts = compiled(kept("audit/of -dash"))
    if broken:
        (scripts.folder / "broken").touch()
    result = scripts.run(env=SECRET)
    assert result.returncode == int(broken)
    run = scripts.run_folder.name
    folder = scripts.folder / "audit/of -dash"
    assert sorted(p.name for p in folder.iterdir()) == [
        f"op-1-{run}.tar.gz",
        f"op-1-{run}.tar.gz.sha256",
    ]
    files = unpacked(folder)
    assert {"journal.jsonl", "log/work.w.log", "metrics.json", "report.md", "rollback.sh"} <= {
        name.removeprefix(f"{run}/") for name in files
    }
    assert (f"{run}/failure.json" in files) is broken
    assert '"event":"run_end"' in files[f"{run}/journal.jsonl"]
    assert files[f"{run}/rollback.sh"] == (scripts.folder / "rollback.sh").read_text()
    assert "s3cret-token" not in "".join(files.values())
    assert not [name for name in files if "/tmp/" in name or "archive" in name]
    said = (folder / f"op-1-{run}.tar.gz.sha256").read_text().split()[0]
    assert f"archived: audit/of -dash/op-1-{run}.tar.gz (SHA-256 {said})" in result.stdout
    assert archived(scripts) == [("kept", "")]
    assert sorted(p.name for p in scripts.run_folder.iterdir()) == sorted(
        {name.split("/")[1] for name in files} | {"gates"}
    )


def test_an_archive_that_fails_is_said_and_journaled_and_can_be_repeated(
    compiled: Compiled,
) -> None:
    scripts = compiled(kept("blocked/audit"))
    (scripts.folder / "blocked").write_text("a file where the folder should be")
    result = scripts.run(env=SECRET)
    assert result.returncode == 0
    assert "⚠ NOT ARCHIVED in blocked/audit: " in result.stdout
    (hint,) = re.findall(r"repeat it: (.*)", result.stdout)
    assert [outcome for outcome, _ in archived(scripts)] == ["failed"]
    assert "Not a directory" in archived(scripts)[0][1] or "exists" in archived(scripts)[0][1]
    again = shlex.split(hint)
    assert subprocess.run(again, cwd=scripts.folder, check=False, env=SECRET).returncode == 1
    (scripts.folder / "blocked").unlink()
    for left in ("tmp", "archive.1"):  # as a run that was killed leaves them
        (scripts.run_folder / left).mkdir()
        (scripts.run_folder / left / "left").touch()
    subprocess.run(again, cwd=scripts.folder, check=True, env=SECRET | {"PATH": os.environ["PATH"]})
    files = unpacked(scripts.folder / "blocked/audit")
    assert '"outcome":"failed"' in files[f"{scripts.run_folder.name}/journal.jsonl"]
    assert not [name for name in files if name.endswith("/left")]
    assert scripts.run("--archive").returncode == 0
    assert [outcome for outcome, _ in archived(scripts)] == ["failed", "failed", "kept", "kept"]
    # The journal is whole: it was read to its end, and not refused.
    assert "there is nothing to resume" in scripts.run("--resume", env=SECRET).stderr


def test_what_is_archived_again_goes_where_its_run_was_told(compiled: Compiled) -> None:
    """By the `--set` of the run, and by a run of one region."""
    text = plan(
        PHASE.replace("secret TOKEN", "regions { wave eu; wave us }").replace("$TOKEN", "1"),
        header='  param place: string = "no"\n archive folder "${place}/audit"',
    )
    scripts = compiled(text)
    (scripts.folder / "yes").write_text("in the way")
    result = scripts.run("--set", "place=yes", "--region", "eu", "--run-dir", "one run")
    assert result.returncode == 0
    (hint,) = re.findall(r"repeat it: (.*)", result.stdout)
    (scripts.folder / "yes").unlink()
    subprocess.run(["bash", "-c", hint], cwd=scripts.folder, check=True)
    (packed,) = (scripts.folder / "yes/audit").glob("*.tar.gz")
    assert packed.name == "op-1-one_run.tar.gz"


def test_a_run_under_way_is_not_archived(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            PHASE.replace("test !", "touch here; sleep 30; test !"),
            header='  archive folder "audit"',
        )
    )
    with scripts.started(env=SECRET) as run:
        wait_for(scripts.folder / "here")
        assert scripts.run("--archive", env=SECRET).returncode == 5
        run.terminate()
        run.communicate(timeout=30)
    assert run.returncode == 143
    assert unpacked(scripts.folder / "audit")


def test_what_there_is_nothing_of_is_not_archived(compiled: Compiled) -> None:
    scripts = compiled(kept("audit"))
    assert scripts.run("--archive").returncode == 3
    scripts = Scripts(scripts.folder / "other", plan(PHASE))
    assert scripts.run(env=SECRET).returncode == 0
    assert scripts.run("--archive").returncode == 2


@pytest.mark.parametrize("target", ["", "--endpoint-url=http://127.0.0.1:9", "/etc/s3"])
def test_a_target_is_never_an_option_of_the_aws_command(compiled: Compiled, target: str) -> None:
    scripts = compiled(kept(target, "s3"))
    scripts.stub("aws", "touch asked")
    result = scripts.run(env=SECRET)
    assert result.returncode == 0
    assert "NOT ARCHIVED" in result.stdout
    assert "this is no address s3://BUCKET/…" in result.stdout
    assert "asked" not in scripts.left()


def test_a_target_is_never_code(compiled: Compiled) -> None:
    scripts = compiled(kept("-audit $(touch broken) `touch broken` ; touch broken & *\\n"))
    assert scripts.run(env=SECRET).returncode == 0
    assert "broken" not in scripts.left()
    assert unpacked(scripts.folder / "-audit $(touch broken) `touch broken` ; touch broken & *\n")


@pytest.mark.needs("root", "mount")
@pytest.mark.parametrize("options", ["ro", "size=4k"])
def test_a_folder_that_is_read_only_or_full(compiled: Compiled, options: str) -> None:
    scripts = compiled(kept("audit"))
    place = scripts.folder / "audit"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", place], check=True)
    try:
        result = scripts.run(env=SECRET)
        assert list(place.iterdir()) == []
    finally:
        subprocess.run(["umount", place], check=True)
    assert result.returncode == 0
    assert "NOT ARCHIVED in audit: " in result.stdout
    ((outcome, error),) = archived(scripts)
    assert outcome == "failed"
    assert ("Read-only" if options == "ro" else "No space left") in error


# -- S3: a moto server, the real AWS CLI


class Bucket:
    """A moto server with one bucket."""

    def __init__(self, address: str, home: Path) -> None:
        self.address = address
        self.environment = SECRET | {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
            "HOME": str(home),
        }

    def ask(self, method: str, path: str) -> bytes:
        """What is answered to somebody whom the server takes for the owner of the bucket."""
        connection = HTTPConnection(self.address.removeprefix("http://"))
        credential = "AWS4-HMAC-SHA256 Credential=testing/20250101/us-east-1/s3/aws4_request"
        connection.request(method, f"/{path}", headers={"Authorization": credential})
        answer = connection.getresponse()
        assert answer.status == 200
        content = answer.read()
        connection.close()
        return content


def with_the_real_client(scripts: Scripts) -> Scripts:
    """The AWS CLI, told where the server is: before 2.13 it does not read AWS_ENDPOINT_URL."""
    scripts.stub("aws", f'exec {shutil.which("aws")} --endpoint-url "$AWS_ENDPOINT_URL" "$@"')
    return scripts


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A moto server that lives as long as the tests of this file."""
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = None
        while found is None:
            line = server.stderr.readline()
            assert line, "the server does not start"
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
        threading.Thread(target=server.stderr.read, daemon=True).start()
        try:
            bucket = Bucket(found[0], tmp_path_factory.mktemp("home"))
            bucket.ask("PUT", "audit")
            yield bucket
        finally:
            server.kill()


@pytest.mark.needs("aws")
def test_a_run_is_uploaded_with_its_checksum(
    compiled: Compiled, bucket: Bucket, tmp_path: Path
) -> None:
    scripts = with_the_real_client(compiled(kept("s3://audit/rollbacks/op-1/", "s3")))
    result = scripts.run(env=bucket.environment)
    assert result.returncode == 0
    name = f"op-1-{scripts.run_folder.name}.tar.gz"
    assert f"archived: s3://audit/rollbacks/op-1/{name} (SHA-256 " in result.stdout
    for file in (name, f"{name}.sha256"):
        (tmp_path / file).write_bytes(bucket.ask("GET", f"audit/rollbacks/op-1/{file}"))
    files = unpacked(tmp_path)
    assert f"{scripts.run_folder.name}/report.md" in files
    assert "s3cret-token" not in "".join(files.values())
    assert archived(scripts) == [("kept", "")]


@pytest.mark.needs("aws")
def test_an_upload_that_fails_is_reported_and_repeated(compiled: Compiled, bucket: Bucket) -> None:
    scripts = with_the_real_client(compiled(kept("s3://nowhere", "s3")))
    assert scripts.run(env=bucket.environment).returncode == 0
    bucket.ask("PUT", "nowhere")
    result = scripts.run("--archive", scripts.run_folder.name, env=bucket.environment)
    assert result.returncode == 0
    assert b".tar.gz.sha256" in bucket.ask("GET", "nowhere")
    (first, error), (second, _) = archived(scripts)
    assert (first, second) == ("failed", "kept")
    assert "NoSuchBucket" in error


@pytest.mark.needs("aws")
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("no credentials", "Unable to locate credentials"),
        ("403", "403"),
        ("dead", "Could not connect to the endpoint"),
        ("hang", "no answer within 5s"),
    ],
)
def test_an_upload_in_trouble_costs_a_run_nothing(
    compiled: Compiled, tmp_path: Path, trouble: str, said: str
) -> None:
    scripts = with_the_real_client(compiled(kept("s3://audit", "s3")))
    with http_receiver() as http:
        environment = Bucket(http.address, tmp_path).environment
        http.default = "hang" if trouble == "hang" else 403
        if trouble == "no credentials":
            del environment["AWS_ACCESS_KEY_ID"]
            environment |= {"AWS_EC2_METADATA_DISABLED": "true"}
        elif trouble == "dead":
            environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
        elif trouble == "hang":
            environment["RBC_ARCHIVE_TIMEOUT"] = "5"
        result = scripts.run(env=environment)
    assert result.returncode == 0
    assert "DONE in" in result.stdout
    ((outcome, error),) = archived(scripts)
    assert outcome == "failed"
    assert said in error
    assert said in result.stdout
    assert not list(scripts.folder.glob(".rbc/locks/*"))


def test_an_upload_that_hangs_holds_no_lock_and_a_signal_ends_it(compiled: Compiled) -> None:
    """The run is over, so its status stays what it was."""
    scripts = compiled(kept("s3://audit", "s3"))
    scripts.stub("aws", "touch uploading; exec sleep 50")
    with scripts.started(env=SECRET) as run:
        wait_for(scripts.folder / "uploading")
        assert not list(scripts.folder.glob(".rbc/locks/*"))
        run.terminate()
        out, _ = run.communicate(timeout=30)
    assert run.returncode == 0
    assert "NOT ARCHIVED in s3://audit: stopped by a signal" in out
    assert json.dumps(archived(scripts)) == '[["failed", "stopped by a signal"]]'


@pytest.mark.parametrize("program", ["aws", "tar"])
def test_what_packs_and_uploads_may_be_missing(
    compiled: Compiled, tmp_path: Path, program: str
) -> None:
    scripts = compiled(kept("s3://audit", "s3"))
    result = scripts.run(env=SECRET | {"PATH": path_without(program, tmp_path)})
    assert result.returncode == 0
    assert f"NOT ARCHIVED in s3://audit: {program} is not here" in result.stdout
