"""A word with blanks that `ssh` hands over is split once more by the shell on the host.

## Why

`ssh` joins its words with blanks to one line, and the quotes are gone by then. Of `ssh web1 sudo sh
-c 'systemctl stop shop && rm -rf /var/cache/shop'` the host makes `sudo sh -c systemctl`, with
`stop` and `shop` as its arguments, and then `rm`, without `sudo`. `psql -c 'select 1'` looks for a
database `1`.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step cache "Empty the cache" {
    timeout 30s
    run    `ssh -n -o BatchMode=yes web1 sudo -n sh -c 'cd /srv/shop && ./empty.sh'`
    expect `./check.sh`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step cache "Empty the cache" {
    timeout 30s
    run    `ssh -n -o BatchMode=yes web1 "sudo -n sh -c 'cd /srv/shop && ./empty.sh'"`
    expect `./check.sh`
  }
}
```

For a text in a variable, `"sudo -n sh -c ${text@Q}"` quotes it for the shell there. `kubectl exec`
and `docker exec` hand over words as they are.

## How it can be fooled

Sure for programs that take a text as one word: a shell behind `-c`, clients of databases, `awk`,
`sed`, `grep`, `jq`, `perl` and `python`. What a variable holds is looked at where the plan knows
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.analysis.calls import Word
from rbdsl.analysis.elsewhere import ssh_operands
from rbdsl.analysis.wrappers import SHELLS
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import running
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB998", "split-again-by-ssh", Severity.WARNING)
PROGRAMS = ("ssh",)

_RUN = SHELLS | {"su", "runuser"}
"""What runs the word behind `-c`."""
_TAKE = frozenset(
    """
    psql mysql mariadb mongosh cqlsh sqlite3 awk gawk mawk sed grep egrep fgrep jq perl python
    python3 ruby
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_BEHIND = lazy_pattern(r"-[a-zA-Z]*c")
_SPLITS = lazy_pattern(r"[\s;|&<>]")
_OPERATOR = lazy_pattern(r"\d*(?:\|\|?|&&?|;|[<>])")
_UNKNOWN = lazy_pattern(r"\$\{[^{}]*\}|\$\([^()]*\)|`[^`]*`")
_QUOTED = lazy_pattern(r"(?s)(?P<quote>\\?[\"']).*(?P=quote)|\$'.*'|.*(?:%q|@Q|@sh).*")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each call of `ssh`."""
    for placed in running(context, PROGRAMS):
        words = ssh_operands(placed.call)[1:]
        if len(words) > 1 and (found := _split(placed, words)):
            yield _report(placed, words, *found)


def _split(placed: PlacedCall, words: Sequence[Word]) -> tuple[str, Word] | None:
    """The first word that a program should get as one and does not, with the program."""
    program = before = ""
    for word in words:
        text = placed.place.settled(word.text)
        if _OPERATOR.match(text):
            program = before = ""  # `'|'`, `'&&'`: they are meant for the shell there
            continue
        name = word.text.rpartition("/")[2]
        if name in _TAKE or name in _RUN:
            program, before = name, ""
            continue
        takes = program in _TAKE or (program in _RUN and _BEHIND.fullmatch(before))
        if takes and not _QUOTED.fullmatch(text) and _SPLITS.search(_UNKNOWN.sub("", text)):
            return program, word
        before = text
    return None


def _report(placed: PlacedCall, words: Sequence[Word], program: str, word: Word) -> Diagnostic:
    text = placed.place.settled(word.text)
    first = _SPLITS.split(text.strip(), maxsplit=1)[0]
    if program in _RUN:
        fact = f"`{program} -c` gets only `{first}` to run"
        raised = any(w.text in ("sudo", "doas") for w in words[: list(words).index(word)])
        if raised and _has_more_commands(text):
            fact += ", and what stands behind `&&` or `;` runs without `sudo`"
    else:
        fact = f"`{program}` gets `{first}` and the rest as words of their own"
    return CODE.at(
        placed.span_of(word),
        f"`ssh` joins its words, and the shell there splits them again: {fact}",
        hint="put the whole command in quotes, and this word in others within: "
        f"`ssh … \"{program} … '…'\"`",
    )


def _has_more_commands(text: str) -> bool:
    return any(sign in text for sign in (";", "&&", "||", "\n"))
