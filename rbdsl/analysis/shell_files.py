"""The files that a piece of bash names, and what happens to each: written, read, looked at.

Found are redirections, options and operands of the programs in `file_programs`, and tests
(`[ -f file ]`). A path stays as it is written, `$name` for variables; what stands in another host
or container keeps that in `where`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rbdsl.analysis.calls import Call, Redirection, Word, calls
from rbdsl.analysis.file_programs import PACKERS, PROGRAMS, UNPACKERS, VERBS, Files, Use
from rbdsl.record import dataclass

_SUMS = frozenset(["sha256sum", "sha1sum", "sha512sum", "md5sum", "shasum", "b2sum"])
_DEVICES = ("/dev/", "/proc/")
_OUTPUT = (">", ">>", "&>", "&>>", ">|")
_DOTTED = r"(?m)^\s*\.(backup|save|clone|output|once|restore|read)\s+(?:main\s+)?['\"]?([^\s'\"]+)"
"""The commands of `sqlite3` that name a file."""
_TESTS = ("-e", "-f", "-r", "-s")


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file in a piece of bash.

    `call` is the program that writes or reads it, the innermost one behind a pipe, host or
    container; `pipeline` are the calls of its pipe in order, itself among them. `redirected` says
    that the shell opens it.
    """

    path: str
    use: Use
    word: Word
    call: Call | None
    where: tuple[str, ...] = ()
    pipeline: tuple[Call, ...] = ()
    redirected: bool = False


@lru_cache(maxsize=4096)
def file_uses(text: str) -> tuple[FileUse, ...]:
    """Every file that a text names, in the order of its commands."""
    return (*_of_calls(calls(text)), *_of_tests(text))


def pipelines(found: tuple[Call, ...]) -> list[tuple[Call, ...]]:
    """For each call the calls of its pipe, by stage; of a stage that runs others the innermost."""
    stages: dict[tuple[str, ...], dict[int, Call]] = {}
    chains: list[dict[int, Call]] = []
    for call in found:
        if len(call.pipe) == 1:
            chains.append({0: call})
            continue
        chain = stages.get(call.pipe)
        if chain is None or (call.stage == 0 and max(chain) > 0):
            chain = stages[call.pipe] = {}
        chain[call.stage] = call
        chains.append(chain)
    return [tuple(chain[stage] for stage in sorted(chain)) for chain in chains]


def _of_calls(found: tuple[Call, ...]) -> Iterator[FileUse]:
    opened: dict[tuple[int, int], tuple[str, ...]] = {}  # a redirection, and where it is opened
    for call, pipeline in zip(found, pipelines(found), strict=True):
        for redirection in call.redirections:
            place = (redirection.target.start, redirection.target.end)
            where = opened.setdefault(place, call.where)
            inherited = where != call.where
            if inherited and call.stage < len(call.pipe) - 1 and _is_output(redirection):
                continue
            target = redirection.target.text
            if target and not target.startswith(_DEVICES):
                yield from _redirected(redirection, call, where, pipeline)
        for path, use, word in _arguments(call):
            if path and path != "-" and not path.startswith(_DEVICES):
                yield FileUse(path, use, word, call, call.where, pipeline)


def _is_output(redirection: Redirection) -> bool:
    """Whether it writes a file: also `>& file`, where no descriptor stands behind it."""
    target = redirection.target.text
    to_file = redirection.operator == ">&" and not (target.isdigit() or target == "-")
    return redirection.operator in _OUTPUT or to_file


def _redirected(
    redirection: Redirection, call: Call, where: tuple[str, ...], pipeline: tuple[Call, ...]
) -> Iterator[FileUse]:
    target = redirection.target
    if redirection.operator == "<":
        yield FileUse(target.text, Use.READ, target, call, where, pipeline, redirected=True)
    elif _is_output(redirection) and redirection.descriptor != 2:
        yield FileUse(target.text, Use.WRITE, target, call, where, pipeline, redirected=True)


def _arguments(call: Call) -> Iterator[tuple[str, Use, Word]]:
    """The files among the arguments of a call."""
    program = call.program
    operands = list(_operand_words(call))
    if program in PACKERS or program in UNPACKERS:
        yield from _packed(call, operands)
        return
    if program == "tar":
        yield from _tar(call, operands)
        return
    if program == "dd":
        yield from _dd(call)
        return
    if program == "sqlite3":
        yield from _sqlite(operands[1:])
        return
    if program in _SUMS and call.has("c", "check"):
        yield from ((word.text, Use.PROVE, word) for word in operands)
        return
    if program == "pg_restore" and call.has("l", "list"):
        yield from ((word.text, Use.PROVE, word) for word in operands)
        return
    row = PROGRAMS.get(program)
    if row is None and program in VERBS and operands:
        row = PROGRAMS.get(f"{program} {operands[0].text}")
        operands = operands[1:]
    if row is None:
        if program not in VERBS:
            yield from ((w.text.rpartition("=")[2], Use.NAME, w) for w in call.words[1:])
        return
    yield from _of_row(call, row, operands)


def _of_row(call: Call, row: Files, operands: list[Word]) -> Iterator[tuple[str, Use, Word]]:
    for names, use in ((row.reads, Use.READ), (row.writes, Use.WRITE)):
        for value, word in _values(call, names) if names else ():
            yield value, use, word
    if row.operands is None:
        return
    files = operands[row.skip :]
    if row.target and len(files) > 1:
        yield from ((word.text, row.operands, word) for word in files[:-1])
        yield files[-1].text, Use.WRITE, files[-1]
    else:
        yield from ((word.text, row.operands, word) for word in files)


def _packed(call: Call, operands: list[Word]) -> Iterator[tuple[str, Use, Word]]:
    """`gzip f` writes `f.gz` and removes `f`; with `-c` it reads only, with `-t` it proves.

    `zstd -o made` says what it writes, also where it is given what it reads.
    """
    suffix = PACKERS.get(call.program) or UNPACKERS[call.program]
    unpacks = call.program in UNPACKERS or call.has("d", "decompress", "uncompress")
    named = list(_values(call, ("o",))) if call.value("o") else []
    yield from ((value, Use.WRITE, word) for value, word in named)
    for word in operands:
        if call.has("t", "test"):
            yield word.text, Use.PROVE, word
        elif call.has("l", "list"):
            yield word.text, Use.LOOK, word
        else:
            yield word.text, Use.READ, word
            if not named and not call.has("c", "stdout", "to-stdout"):
                made = word.text.removesuffix(suffix) if unpacks else word.text + suffix
                yield made, Use.WRITE, word


def _tar(call: Call, operands: list[Word]) -> Iterator[tuple[str, Use, Word]]:
    """`tar czf made.tgz folder`, with and without the dash; `-t` proves that it can be read."""
    old = bool(operands) and not call.words[1].text.startswith("-")
    letters = frozenset(operands[0].text) if old else call.bundled
    archive: Word | None = None
    if old and "f" in letters and len(operands) > 1:
        archive, operands = operands[1], operands[2:]
    else:
        archive = next((word for _, word in _values(call, ("f", "file"))), None)
    value = archive.text.rpartition("=")[2] if archive else ""
    if "c" in letters or call.has("create"):
        yield from ((word.text, Use.READ, word) for word in operands)
        if archive:
            yield value, Use.WRITE, archive
    elif archive:
        proves = "t" in letters or call.has("list")
        yield value, Use.PROVE if proves else Use.READ, archive


def _sqlite(operands: list[Word]) -> Iterator[tuple[str, Use, Word]]:
    """`sqlite3 shop.db ".backup 'kept.db'"`: the files of the commands with a dot."""
    for word in operands:
        for found in re.finditer(_DOTTED, word.text):
            yield found[2], Use.READ if found[1] in ("restore", "read") else Use.WRITE, word


def _dd(call: Call) -> Iterator[tuple[str, Use, Word]]:
    for word in call.words[1:]:
        name, _, value = word.text.partition("=")
        if name in ("if", "of"):
            yield value, Use.READ if name == "if" else Use.WRITE, word


def _operand_words(call: Call) -> Iterator[Word]:
    """The words of the operands, in order."""
    at = 1
    for text in call.operands:
        while at < len(call.words) and call.words[at].text != text:
            at += 1
        if at < len(call.words):
            yield call.words[at]
            at += 1


def _values(call: Call, names: tuple[str, ...]) -> Iterator[tuple[str, Word]]:
    """The values of some options, each with the word that it stands in."""
    words = call.words[1:]
    for at, word in enumerate(words):
        text = word.text
        if text == "--":
            return
        for name in names:
            dashed = f"-{name}" if len(name) == 1 or call.program == "openssl" else f"--{name}"
            if text in (dashed, f"-{name}") and at + 1 < len(words):
                yield words[at + 1].text, words[at + 1]
            elif text.startswith((f"--{name}=", f"-{name}=")):
                yield text.partition("=")[2], word
            elif len(name) == 1 and text[:1] == "-" and text[1:2] != "-" and len(text) > 2:
                rest = text[1:].partition(name)
                if rest[1] and (name, rest[2]) in call.options:
                    yield rest[2], word
                elif rest[1] and not rest[2] and rest[0].isalpha() and at + 1 < len(words):
                    yield words[at + 1].text, words[at + 1]


def _of_tests(text: str) -> Iterator[FileUse]:
    """`[ -f file ]` and `[[ -s file ]]`, which are no commands to the parser."""
    if "[" not in text or not any(test in text for test in _TESTS):
        return
    from rbdsl.analysis.call_words import plain
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    data = text.encode("utf-8", "replace")
    for node in walk(parsed(text)):
        if node.type != "unary_expression" or len(node.children) != 2:
            continue
        operator, operand = node.children
        if (operator.text or b"").decode("utf-8", "replace") in _TESTS:
            start = len(data[: operand.start_byte].decode("utf-8", "replace"))
            end = len(data[: operand.end_byte].decode("utf-8", "replace"))
            word = Word(plain(operand), start, end)
            yield FileUse(word.text, Use.LOOK, word, None)
