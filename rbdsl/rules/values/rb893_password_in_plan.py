"""A password stands in the plan.

As the value of a `let` or `param` that is called so, in front of a command, as its argument, in an
address (`postgres://user:password@host`), or as a key that is known by its form.

## Why

A plan is in the repository, in the documents that are made of it, in the archive of each run.
Whoever reads it has the password, for as long as it is not changed; and after it
has been changed, the rollback fails.

## Bad

```rbplan
phase database "Database" {
  budget 2m
  step look "Look" {
    timeout 10s
    run `PGPASSWORD=Kq7-violet psql -h db1 -d shop -v ON_ERROR_STOP=1 -c "select 1"`
  }
}
```

## Good

```rbplan
secret PGPASSWORD "Password of the database"
phase database "Database" {
  budget 2m
  step look "Look" {
    timeout 10s
    run `PGPASSWORD="$PGPASSWORD" psql -h db1 -d shop -v ON_ERROR_STOP=1 -c "select 1"`
  }
}
```

## How it can be fooled

By a value that is no password although the name says so; a path, a variable and a word in angle
brackets are none, nor is a `token` of plain words (`shop-cluster-2`). What stands in a file that a
step calls is not seen. It is an error only for keys of a known form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import VariableKind
from rbdsl.model.values import Value
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.values.environment import shells
from rbdsl.rules.values.secrets import sounds_secret
from rbdsl.source import Span

CODE = Code("RB893", "password-in-plan", Severity.WARNING)

_KEYS = lazy_pattern(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}"
    r"|sk_live_[A-Za-z0-9]{16,}|hvs\.[A-Za-z0-9_-]{20,}|AIza[\w-]{35})"
)
_ADDRESS = lazy_pattern(r"(?<=[a-z0-9+])://[^\s/:@$]*:([^\s/@$]+)@")
_HEADER = lazy_pattern(
    r"(?:Authorization: *(?:Bearer|Basic|Token)|(?<![\w-])X-[\w-]*(?:Key|Token):) *([^\s$]{6,})",
    re.IGNORECASE,
)
_NO_PASSWORD = lazy_pattern(
    r"[/~.<{%]|(?:arn|vault|op|file|env|https?|s3)[:]|true$|false$|\d{1,3}$|x+$|\*+$"
)
_OPTIONS = {
    "mysql": "-p", "mysqldump": "-p", "mysqladmin": "-p", "mariadb": "-p", "mongo": "-p",
    "mongodump": "-p", "mongorestore": "-p", "sshpass": "-p", "redis-cli": "-a", "sqlcmd": "-P",
    "docker": "-p", "podman": "-p", "ldapmodify": "-w", "ldapadd": "-w",
}  # fmt: skip
_APART = frozenset(["sshpass", "redis-cli", "sqlcmd", "docker", "podman", "ldapmodify", "ldapadd"])
"""Those that take it as a word of its own behind the option."""
_OBJECT = lazy_pattern(r"[a-z]+(?:[-.](?:[a-z]+|v?\d{1,4}))*")
_NAME = lazy_pattern(r"[a-z]{2,}(?:-(?:[a-z]{2,}|v?\d{1,3}))+")
"""A name in words; `token` is what etcd, Consul and others call that of a cluster."""
_LONG = lazy_pattern(
    r"--?(?:password|passwd|pass|token|api-key|secret|auth-token)=(.+)", re.IGNORECASE
)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each password."""
    for variable in context.plan.variables:
        value = variable.value
        if (
            variable.kind is VariableKind.SECRET
            or not value
            or not sounds_secret(variable.name.shell)
        ):
            if value and _KEYS.search(value.plain):
                yield _report(value.span, f"`{variable.name}`", Severity.ERROR, variable.name.text)
        elif _holds_password(variable.name.shell, value.plain) and not _is_computed(value):
            yield _report(value.span, f"`{variable.name}`", CODE.severity, variable.name.text)
    for place in shells(context):
        text = place.shell.text
        for literal in variables(text).literals if "=" in text else ():
            if _holds_password(literal.name, literal.value):
                span = place.span(literal.start, literal.end)
                yield _report(span, f"`{literal.name}`", CODE.severity, literal.name)
        seen = set()
        for placed in place.calls:
            for word, program, severity in _in_words(placed.call):
                if word.start not in seen:
                    seen.add(word.start)
                    yield _report(placed.span_of(word), f"`{program}`", severity, "PASSWORD")


def _holds_password(name: str, value: str) -> bool:
    """Whether a variable is called so and holds one; `tls_secret = "shop-tls"` names an object."""
    names_object = re.search(r"(?:secret|credentials?)$", name, re.IGNORECASE) is not None
    if names_object and _OBJECT.fullmatch(value):
        return False
    if name.lower().endswith("token") and _NAME.fullmatch(value):
        return False
    return sounds_secret(name) and _is_password(value)


def _is_computed(value: Value) -> bool:
    return any(item.references for item in value.items)


def _is_password(value: str) -> bool:
    return bool(value) and "$" not in value and " " not in value and not _NO_PASSWORD.match(value)


def _in_words(call: Call) -> Iterator[tuple[Word, str, Severity]]:
    """The words that hold one, with their program: behind an option, in an address or header, or
    by their form.
    """
    for words in (call.words, *(w for w in call.wrappers if w[0].text == "sshpass")):
        program = words[0].text.rpartition("/")[2]
        for word, following in pairwise((*words[1:], words[0])):
            if _KEYS.search(word.text):
                yield word, program, Severity.ERROR
            elif _of_address(word.text) or _of_option(word.text, _OPTIONS.get(program)):
                yield word, program, CODE.severity
            elif following.literal and following is not words[0]:
                password = _behind_option(call, program, word.text, following.text)
                if _is_password(password):
                    yield following, program, CODE.severity


def _behind_option(call: Call, program: str, option: str, text: str) -> str:
    """The password that a word of its own gives, empty for none."""
    if program == "curl" and option in ("-u", "--user"):
        return text.partition(":")[2] if text.partition(":")[0] else ""
    if program not in _APART or option != _OPTIONS[program]:
        return ""
    return text if program not in ("docker", "podman") or "login" in call.operands else ""


def _of_address(text: str) -> bool:
    match = _ADDRESS.search(text) or _HEADER.search(text)
    return bool(match and _is_password(match[1]))


def _of_option(text: str, option: str | None) -> bool:
    match = _LONG.fullmatch(text)
    if match:
        return _is_password(match[1])
    return option == "-p" and text[:2] == "-p" and len(text) > 2 and _is_password(text[2:])


def _report(span: Span, what: str, severity: Severity, name: str) -> Diagnostic:
    return CODE.at(
        span,
        f"the password of {what} stands in the plan, for all who can read it",
        hint=f"change it, and declare `secret {name}`: the script takes it from the environment",
        severity=severity,
    )
