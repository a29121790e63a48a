"""Runs ShellCheck: many scripts to a process, as many processes at once as one likes.

Takes scripts as texts, gives what ShellCheck says of each. Anything that keeps it from answering
(it is missing, it crashes, it takes too long) is a `ShellCheckError`: never a silent skip.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from rbdsl.analysis.shellcheck_answers import Comment, read_output
from rbdsl.analysis.shellcheck_codes import EXCLUDED
from rbdsl.project.shellcheck_program import ShellCheckError, locate

_MOST = 400
"""Scripts to a process: more would not be quicker, and would hold more memory."""

_FEWEST = 6
"""Scripts for which one process is quick enough not to start a second one beside it."""

_PATIENCE = 600
"""Seconds for one process: a hundred times what the largest batch takes."""

_ANSWERED = (0, 1)
"""Exit codes of a ShellCheck that has looked at everything: without and with findings."""


class ShellCheck:
    """ShellCheck in a run of rbc; asked once about each text, however many plans hold it."""

    def __init__(self, processes: int = 1, settings: Path | None = None) -> None:
        """`settings` is a `.shellcheckrc` to go by; without one none is read, wherever it lies."""
        self._processes = processes
        self._settings = settings
        self._known: dict[str, tuple[Comment, ...]] = {}
        self._batches: list[_Batch] = []

    def learn(self, known: Mapping[str, tuple[Comment, ...]]) -> None:
        """Take it that some scripts have been looked at, with these answers."""
        self._known.update(known)

    def ask(self, texts: Iterable[str]) -> Callable[[], dict[str, tuple[Comment, ...]]]:
        """Start looking at some scripts; what comes back waits for the answers and gives them.

        Both may raise ShellCheckError. `stop` is to be called in the end, whatever has happened.
        """
        wanted = list(dict.fromkeys(texts))
        new = [text for text in wanted if text not in self._known]
        batches = [_Batch(part, self._settings) for part in _parts(new, self._processes)]
        self._batches = batches
        for batch in batches[: self._processes]:
            batch.start()

        @cache
        def answers() -> dict[str, tuple[Comment, ...]]:
            for number, batch in enumerate(batches, self._processes):
                self._known.update(batch.answers())
                if number < len(batches):
                    batches[number].start()
            return {text: self._known[text] for text in wanted}

        return answers

    def stop(self) -> None:
        """End what is still running, and remove its files."""
        for batch in self._batches:
            batch.stop()


def _parts(texts: list[str], processes: int) -> list[list[str]]:
    """The texts dealt out like cards: neighbours are often alike in length."""
    count = min(processes, -(-len(texts) // _FEWEST))
    count = max(count, -(-len(texts) // _MOST))
    return [texts[first::count] for first in range(count)]


class _Batch:
    """One process and the folder with the scripts that it looks at, which is gone in the end."""

    def __init__(self, texts: list[str], settings: Path | None) -> None:
        self._texts = texts
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = ""

    def start(self) -> None:
        from tempfile import mkdtemp

        program = locate()
        try:
            self._folder = mkdtemp(prefix="rbc-")
            for number, text in enumerate(self._texts):
                with open(os.path.join(self._folder, _name(number)), "w", encoding="utf-8") as file:
                    file.write(text)
        except OSError as problem:
            self.stop()
            words = (problem.strerror or str(problem)).lower()
            raise ShellCheckError(
                f"the scripts for ShellCheck cannot be written to {problem.filename!r}: {words}"
            ) from problem
        names = map(_name, range(len(self._texts)))
        command = [program, *_options(self._settings), "--", *names]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as problem:
            self.stop()
            words = (problem.strerror or str(problem)).lower()
            raise ShellCheckError(f"ShellCheck ({program}) cannot be started: {words}") from problem

    def answers(self) -> dict[str, tuple[Comment, ...]]:
        """What was said of each text; waits for the end of the process."""
        process = self._process
        if process is None:
            raise ShellCheckError("ShellCheck was not started")
        try:
            output, errors = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired as problem:
            raise ShellCheckError(
                f"ShellCheck has not answered for {_PATIENCE // 60} minutes"
            ) from problem
        self.stop()
        if process.returncode not in _ANSWERED:
            words = _last_words(process.returncode, errors)
            raise ShellCheckError(f"ShellCheck gave no answer: {words}")
        try:
            found = read_output(output.decode("utf-8"))
        except ValueError as problem:
            raise ShellCheckError(f"ShellCheck gave no answer: {problem}") from problem
        return {
            text: tuple(found.get(_name(number), ())) for number, text in enumerate(self._texts)
        }

    def stop(self) -> None:
        """End the process, where it still runs, and remove the folder."""
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        if self._folder:
            from shutil import rmtree

            rmtree(self._folder, ignore_errors=True)
            self._folder = ""


def _name(number: int) -> str:
    """The name of a script's file: nothing that a piece would `source` by chance."""
    return f".rbc-piece-{number}"


def _options(settings: Path | None) -> list[str]:
    rules = ["--norc"] if settings is None else [f"--rcfile={os.path.abspath(settings)}"]
    excluded = ",".join(map(str, EXCLUDED))
    return [*rules, "--format=json1", "--severity=style", f"--exclude={excluded}"]


def _environment() -> dict[str, str]:
    """The environment without what would change the answers."""
    kept = {key: value for key, value in os.environ.items() if key != "SHELLCHECK_OPTS"}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _last_words(code: int, errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    ended = f"signal {-code} ended it" if code < 0 else f"it ended with {code}"
    return f"{ended}, and said {lines[-1]!r}" if lines else ended
