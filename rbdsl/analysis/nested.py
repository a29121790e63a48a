"""What a call runs in turn: behind wrappers, in texts for a shell, on hosts, in containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.elsewhere import elsewhere
from rbdsl.analysis.word_texts import Placed, joined, placing, read, without
from rbdsl.analysis.wrappers import SHELLS, STAYING, TEXT_RUNNERS, runs, wrapped

_DEEPEST = 4
_FEW = 6
"""Words of a command that is nothing but a shell: `sudo -n -u deploy bash -s`."""
_SAME_ENVIRONMENT = ("chroot", "nsenter", "unshare")

Found = tuple[Call, str | None, Callable[[int], int]]


def inside(call: Call) -> Iterator[Found]:
    """The call without its wrappers, then each text that it has run by a shell.

    A found call comes with None; a text comes with the call that it is an argument of (whose
    `where` it has), and the way from its offsets to those of the whole text.
    """
    call = _unwrapped(call)
    text = _text_of_shell(call)
    if text is None and _reads_commands(call):
        yield _of_document(call)
    elif text is None:
        yield call, None, int
        yield from _besides(call)
        yield from _elsewhere(call)
    else:
        document, found = text
        given = () if document else call.given  # what the shell has read, its commands do not get
        around = replace(call, wrappers=(*call.wrappers, call.words), given=given)
        yield around, *found


def _unwrapped(call: Call) -> Call:
    words, wrappers, environment = call.words, list(call.wrappers), call.environment
    where, background = call.where, call.background
    for _ in range(_DEEPEST):  # `sudo timeout 5 nice …`
        name = words[0].text.rpartition("/")[2]
        run = wrapped(name, [word.text for word in words[1:]])
        if run is None:
            break
        wrapper = words[: run.start + 1]
        wrappers.append(wrapper)
        if name in ("env", "sudo"):
            environment += tuple(w.text.partition("=")[0] for w in wrapper[1:] if "=" in w.text)
        background = background or name == "coproc"
        if run.away:
            where = (*where, " ".join(word.text for word in wrapper))
            environment = environment if name in _SAME_ENVIRONMENT else ()
        words = words[run.start + 1 : run.end + 1]
    if words is call.words:
        return call
    return replace(
        call,
        words=words,
        wrappers=tuple(wrappers),
        environment=environment,
        where=where,
        background=background,
    )


def _text_of_shell(call: Call) -> tuple[bool, Placed] | None:
    """The text of `bash -c text`, `su - name -c text`, `flock file -c text` and `eval text`.

    Before it whether it is a here-document.
    """
    if call.program == "eval" and len(call.words) == 2:
        return False, joined(call.words[1:])
    if call.program not in SHELLS and call.program not in TEXT_RUNNERS:
        return None
    words = call.words[1:]
    for run in runs(call.program, [word.text for word in words]):
        if run.text:
            return False, joined([without(words[run.start], run.skipped)])
    if call.documents and not any(_is_script(word) for word in call.words[1:]):
        return True, (read(call.documents[0]), placing(call.documents[0]))
    return None


def is_shell(text: str) -> bool:
    """Whether a text is one call of a shell, which then reads what was meant for it."""
    words = text.split()
    return len(words) <= _FEW and any(word.rpartition("/")[2] in SHELLS for word in words)


def _is_script(word: Word) -> bool:
    """Whether a word behind `bash` is a file that it runs instead of what it reads."""
    return not word.text.startswith("-") and not word.text.endswith(("errexit", "pipefail"))


def _reads_commands(call: Call) -> bool:
    """Whether it is a shell that gets its commands from a here-document: `bash -s <<'END'`."""
    if call.program not in SHELLS or not call.documents:
        return False
    return call.has("s") or all(word.text.startswith("-") for word in call.words[1:])


def _of_document(call: Call) -> Found:
    """What a shell reads; where it stands is known of a here-document only."""
    inner = replace(call, given=(), documents=())
    if not call.documents:
        return inner, "\n".join(call.given), lambda _: call.start
    return inner, call.documents[-1].text, placing(call.documents[-1])


def _besides(call: Call) -> Iterator[Found]:
    """What runs here besides the program: of `find … -exec`, `watch`, `trap`."""
    if call.program not in STAYING and call.program != "parallel":
        return
    words = call.words[1:]
    for run in runs(call.program, [word.text for word in words]):
        if run.later:
            continue
        around = replace(call, wrappers=(*call.wrappers, call.words[: run.start + 1]), given=())
        if run.away:
            where = " ".join(word.text for word in call.words[: run.start + 1])
            around = replace(around, where=(*call.where, where), environment=())
        if run.text:
            function = call.program if call.program == "trap" else call.function
            yield replace(around, function=function), *joined(words[run.start : run.end])
        else:
            yield from inside(replace(around, words=words[run.start : run.end]))


def _elsewhere(call: Call) -> Iterator[Found]:
    """What runs on another host or in a container."""
    for place in elsewhere(call):
        there = replace(call, where=(*call.where, place.name), environment=())
        if not place.text:
            yield from inside(replace(there, words=place.words))
        elif place.words:
            yield there, *joined(place.words)
        elif call.given:
            yield _of_document(there)
