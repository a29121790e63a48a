"""Forms of commands that rules look for: program, leading words, options that have to be there.

Kept as data, so that a rule says what is wrong with a command and not how to recognise it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from rbdsl.analysis.calls import Call
from rbdsl.record import dataclass

_CLUSTER = ("kubectl", "oc")
_BUNDLE = r"-[A-Za-z]{1,5}\Z"
"""`-af`; longer ones are words of programs that have one dash before them."""


@dataclass(frozen=True, slots=True)
class Form:
    """A command: `words` stand behind the program, alternatives with `|`; `..` skips any number.

    One of `options` has to be there, all of `also`, and none of `without`; a name with a value is
    written `cascade=foreground`. `loses` says in a few words what the command takes away. `names`
    is the option that names its object; without, the operands behind the words do.
    """

    program: str
    words: str
    loses: str = ""
    options: str = ""
    also: str = ""
    without: str = ""
    names: str = ""


def by_program(forms: Iterable[Form]) -> Mapping[str, tuple[Form, ...]]:
    """The forms of each program; `kubectl|oc` are two."""
    found: dict[str, list[Form]] = defaultdict(list)
    for form in forms:
        for program in form.program.split("|"):
            found[program].append(form)
    return {program: tuple(known) for program, known in found.items()}


def matching(call: Call, forms: Mapping[str, tuple[Form, ...]]) -> Form | None:
    """The first form that a call has."""
    for form in forms.get(call.program, ()):
        if objects(form, call) is not None and _fits(form, call):
            return form
    return None


def objects(form: Form, call: Call) -> tuple[str, ...] | None:
    """What a call of a form is about: its operands behind the words; None where they differ."""
    operands = _resources(call) if call.program in _CLUSTER else list(call.operands)
    for word in form.words.split():
        if word == "..":
            continue
        alternatives = word.split("|")
        if f".. {word}" in form.words:
            while operands and operands[0] not in alternatives:
                operands.pop(0)
        if not operands or operands[0] not in alternatives:
            return None
        operands.pop(0)
    if form.names:
        value = call.value(*form.names.split())
        return (value,) if value else ()
    return tuple(operands)


def _resources(call: Call) -> list[str]:
    """The operands of kubectl, with `delete pvc/data` and `delete pod,pvc` as kind and name."""
    operands = list(call.operands)
    if len(operands) < 2:
        return operands
    kind, slash, name = operands[1].partition("/")
    kinds = kind.split(",")
    return [operands[0], kinds[-1], *([name] if slash else []), *operands[2:]]


def _fits(form: Form, call: Call) -> bool:
    return (
        (not form.options or any(_has(call, name) for name in form.options.split()))
        and all(_has(call, name) for name in form.also.split())
        and not any(_has(call, name) for name in form.without.split())
    )


def _has(call: Call, option: str) -> bool:
    name, equals, wanted = option.partition("=")
    if equals:
        return call.value(name) == wanted
    named = any(found == name for found, _ in call.options)
    bundled = len(name) == 1 and any(
        name in word.text for word in call.words[1:] if re.match(_BUNDLE, word.text)
    )
    if not named and not bundled:
        return False
    return call.value(name) not in ("false", "no")
