"""A command asks whether it may, and nobody answers.

`terraform apply` asks for a "yes", `apt-get install` for a "y"; so do a few dozen others. Each
has an option that says it beforehand.

## Why

A step has no standard input. Terraform ends with "error asking for approval: EOF", apt aborts, and
what asks at the terminal is stopped until the time limit. Whoever rehearsed it by hand typed "yes"
without thinking, and it never came into the plan.

## Bad

```rbplan
phase infra "Infrastructure" {
  budget 5m
  step apply "Apply" { timeout 4m; run `terraform apply -var image=v1` }
}
```

## Good

```rbplan
phase infra "Infrastructure" {
  budget 5m
  step plan  "Plan"  { timeout 1m; run `terraform plan -input=false -out=back.tfplan` }
  gate sure  "The plan is what we want" { approvers "sre-lead"; timeout 1m; otherwise abort }
  step apply "Apply" { timeout 3m; run `terraform apply -input=false back.tfplan` }
}
```

A saved plan of Terraform has been approved, and is not asked about.

## How it can be fooled

By options in a variable (`apt-get $options install`), and by a configuration that answers:
`/etc/apt/apt.conf.d`, `TF_CLI_ARGS`. What `yes |` or a here-document says counts as an answer.
A package that is named by its version is taken for an older one where the version is that of a
service which the plan brings back. Where a program only sometimes asks (`az … delete`, `unzip` over
what is there), and for variables that Terraform misses without `-input=false`, it warns.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Fix, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.downgrades import REFUSING, refused
from rbdsl.rules.hangs.questions import ASKING_VERBS, QUESTIONS, Question
from rbdsl.rules.hangs.running import (
    added,
    begins,
    is_answered,
    is_fed,
    is_set,
    operands,
    running,
    shown,
    stands_there,
)
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB824", "confirmation-asked", Severity.ERROR)

_BY_PROGRAM: dict[str, list[Question]] = {}
for _question in QUESTIONS:
    for _program in _question.programs:
        _BY_PROGRAM.setdefault(_program.rpartition("/")[2], []).append(_question)
_TERRAFORM = ("terraform", "tofu", "terragrunt")
_INPUTS = ("apply", "destroy", "plan", "import", "init", "refresh")
PROGRAMS = frozenset([*_BY_PROGRAM, *REFUSING])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each call that asks."""
    for placed in running(context, _BY_PROGRAM):
        call = placed.call
        if is_answered(call) or _has_options_elsewhere(call):
            continue
        asked = next((q for q in _BY_PROGRAM[call.program] if _asks(placed, q)), None)
        if asked:
            yield _report(placed, asked)
        elif call.program in _TERRAFORM and begins(call, "|".join(_INPUTS)):
            yield from _of_input(placed)
        elif call.program in ("apt", "apt-get") and begins(call, "install|upgrade|dist-upgrade"):
            yield from _of_packages(placed)
    for placed, package, option in refused(context):
        yield CODE.at(
            placed.span,
            f"`{placed.call.program}` refuses to go back to `{package}`, and asks nobody: an older "
            "version has to be allowed",
            hint=f"add `{option}`",
            fix=_with(placed, option),
        )


def _asks(placed: PlacedCall, question: Question) -> bool:
    call = placed.call
    if question.verbs and not begins(call, *question.verbs):
        return False
    verbs = ASKING_VERBS.get(call.program)
    if verbs is not None and verbs.isdisjoint(call.operands):
        return False
    if call.program in _TERRAFORM and call.operands[0] == "apply" and len(call.operands) > 1:
        return False  # a saved plan
    words = [word.text for word in call.words[1:]]
    if question.wanted and not any(_is(word, o) for word in words for o in question.wanted):
        return False
    if any(_is(word, option) for word in words for option in question.answers):
        return question.wanted == ("-i", "-I", "--interactive") and _last_asks(words)
    return not is_set(placed, *question.variables)


def _is(word: str, option: str) -> bool:
    """Whether a word is an option, also with a value, in a bundle or with an `=`."""
    if word == option or word.startswith(option + "="):
        return not word.endswith("=false")
    single = len(option) == 2 and option[0] == "-" and option[1] != "-"
    return single and word[:1] == "-" and word[:2] != "--" and option[1] in word[1:]


def _last_asks(words: list[str]) -> bool:
    """Of `-i` and `-f` the later one counts."""
    letters = "".join(w[1:] for w in words if w[:1] == "-" and w[:2] != "--")
    return letters.rfind("i") > letters.rfind("f")


def _has_options_elsewhere(call: Call) -> bool:
    """Whether a variable holds options: `apt-get $APT_OPTIONS install`, `"${options[@]}"`."""
    return any(
        word.text.startswith("$") and ("opt" in word.text.lower() or "[@]" in word.text)
        for word in call.words[1:]
    )


def _report(placed: PlacedCall, question: Question) -> Diagnostic:
    call = placed.call
    answer = question.answers[0] if question.answers else ""
    if question.instead:
        hint = f"use `{question.instead}`"
    elif question.wanted and call.program not in ("pacman", "redis-cli"):
        hint = f"leave `{question.wanted[0]}` out"
    elif call.program in _TERRAFORM and begins(call, "apply"):
        hint = "apply a plan that was saved by `terraform plan -out=FILE`, or add `-auto-approve`"
    else:
        value = " never" if answer == "--require-approval" else ""
        hint = f"add `{answer}{value}`"
    name = _name(placed, question)
    return CODE.at(
        placed.span,
        f"`{name}` asks for a confirmation: {question.otherwise}",
        hint=hint,
        severity=question.severity,
        fix=_fix(placed, answer, question),
    )


def _name(placed: PlacedCall, question: Question) -> str:
    """What asks, as far as its verb: `az vm delete`, `rm -i`."""
    call = placed.call
    if question.wanted:
        return f"{call.program} {question.wanted[0]}"
    return " ".join((call.program, *_verbs(call, question)))


def _verbs(call: Call, question: Question) -> tuple[str, ...]:
    """The words by which it asks, as far as the last one: `vm delete` of `az vm delete`."""
    asking = ASKING_VERBS.get(call.program, ())
    last = next((i + 1 for i, w in enumerate(call.operands) if w in asking), len(question.verbs))
    return operands(call)[:last]


def _fix(placed: PlacedCall, answer: str, question: Question) -> Fix | None:
    """Where the answer stands behind the last verb, as most programs take it."""
    call = placed.call
    if question.wanted or not answer or answer == "--confirm" or "=" in answer:
        return None
    verbs = _verbs(call, question)
    verb = next((w for w in call.words[1:] if verbs and w.text == verbs[-1]), None)
    if answer == "-n" or verb is None:
        verb = call.words[0]
    if not stands_there(placed, verb) or call.program in ("php", "python", "python3", "npx"):
        return None
    if call.program in _TERRAFORM and not call.has("input"):
        answer = f"-input=false {answer}"
    return added(placed, answer, safe=False, after=verb)


def _with(placed: PlacedCall, option: str) -> Fix | None:
    """Puts an option behind the program, which takes it there."""
    return added(placed, option) if stands_there(placed, placed.call.words[0]) else None


def _of_input(placed: PlacedCall) -> Iterator[Diagnostic]:
    """Terraform asks for variables that it misses, unless it must not."""
    call = placed.call
    saved = call.operands[0] == "apply" and len(call.operands) > 1
    if saved or call.has("input") or is_set(placed, "TF_INPUT", "TF_IN_AUTOMATION"):
        return
    verb = next(w for w in call.words[1:] if w.text == call.operands[0])
    what = "setting of the backend" if verb.text == "init" else "variable"
    yield CODE.at(
        placed.span,
        f"`{shown(placed)}` asks for each {what} that it misses, and nobody answers",
        hint="add `-input=false`: it then says at once what it misses",
        severity=Severity.INFO,
        fix=added(placed, "-input=false", after=verb) if stands_there(placed, verb) else None,
    )


def _of_packages(placed: PlacedCall) -> Iterator[Diagnostic]:
    """Packages ask too, by debconf; `-y` does not answer them."""
    if is_set(placed, "DEBIAN_FRONTEND") or is_fed(placed.call):
        return
    yield CODE.at(
        placed.span,
        f"`{shown(placed)}` may ask about a configuration, which `-y` does not answer",
        hint="set `DEBIAN_FRONTEND=noninteractive` for it",
        severity=Severity.INFO,
    )
