"""A command behind `sudo` is redirected by a shell that may not write there.

## Why

The shell opens the file, and only then starts `sudo`: in `sudo cat new > /etc/app.conf` it is the
login user who writes to `/etc`, and "Permission denied" is all that comes of it. In the shell of
the step ShellCheck says so (SC2024); the text for a host or for `bash -c` it does not read.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step limits "Old limits" {
    timeout 30s
    run    `ssh -n -o BatchMode=yes web1 'sudo -n cat /srv/90.conf > /etc/sysctl.d/90.conf'`
    expect `./limits.sh`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step limits "Old limits" {
    timeout 30s
    run    `ssh -n -o BatchMode=yes web1 sudo -n cp /srv/90.conf /etc/sysctl.d/90.conf`
    expect `./limits.sh`
  }
}
```

`… | sudo tee /etc/file >/dev/null` writes what comes from a pipe.

## How it can be fooled

By a file that the login user may write, and by a configuration of `ssh` that logs in as root.
`root@host`, `-l root`, a shell behind `sudo` or `su` and containers are taken for root. Folders
of the system only are reported (`/etc`, `/proc`, `/sys`, `/boot`, `/usr`, `/root`, `/var/lib`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from rbdsl.analysis.calls import Call, Redirection, Word
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role

CODE = Code("RB994", "redirected-without-sudo", Severity.WARNING)

_RAISES = ("sudo", "doas")
_SYSTEM = re.compile(r"/(?:etc|proc|sys|boot|root|lib|lib64|sbin|bin|usr(?!/local)|var/lib)/")
_WRITES = frozenset([">", ">>", ">|", "&>", "&>>"])
_ROOT = re.compile(r"(?i)\broot@|\buser[= ]root\b")
_OPTIONS = frozenset(["-u", "--user", "-l", "--login"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such redirection."""
    for place in context.places:
        if place.role is Role.QUERY or not any(name in place.shell.text for name in _RAISES):
            continue
        for placed in place.calls:
            if placed.call.strictness.of < 0 or not _is_raised(placed.call):
                continue
            target = _of_the_system(placed)
            if target and not _is_root(place, placed.call):
                yield _report(placed, target)


def _is_raised(call: Call) -> bool:
    """Whether `sudo` stands before this very call, and not before the shell around it."""
    own = (words for words in call.wrappers if words[0].start > call.strictness.of)
    return any(_raises(words) for words in own)


def _raises(words: tuple[Word, ...]) -> bool:
    """Whether it is `sudo` for root: without another user."""
    if _name(words[0]) not in _RAISES:
        return False
    return _user(words) in ("", "root")


def _user(words: tuple[Word, ...]) -> str:
    """The user that `sudo -u name` names."""
    texts = [word.text for word in words]
    for option, following in pairwise(texts):
        if option in _OPTIONS:
            return following
    return next((t.partition("=")[2] for t in texts if t.startswith("--user=")), "")


def _name(word: Word) -> str:
    return word.text.rpartition("/")[2]


def _of_the_system(placed: PlacedCall) -> Redirection | None:
    """The redirection into a folder that belongs to the system."""
    for found in placed.call.redirections:
        target = found.target.text
        path = placed.place.settled(target) if "$" in target else target
        if found.operator in _WRITES and _SYSTEM.match(path):
            return found
    return None


def _is_root(place: Place, call: Call) -> bool:
    """Whether the shell that redirects may be root's."""
    if call.where and not call.where[-1].startswith("ssh "):
        return True  # a container
    around = [words for words in call.wrappers if words[0].start <= call.strictness.of]
    for words in reversed(around):
        if _name(words[0]) == "su":
            others = [w.text for w in words[1:] if not w.text.startswith("-") and " " not in w.text]
            return not others or others[0] == "root"
        if _name(words[0]) in _RAISES and words[0].start > _begin_of_ssh(place, call):
            return _raises(words)
    return any(_logs_in_as_root(place, other.call) for other in place.calls)


def _begin_of_ssh(place: Place, call: Call) -> int:
    """Where the `ssh` begins that has it run, without `sudo` before it; -1 where it runs here."""
    starts = (one.call.words[0].start for one in place.calls if one.call.program == "ssh")
    return max((at for at in starts if call.where and at < call.start), default=-1)


def _logs_in_as_root(place: Place, call: Call) -> bool:
    """Whether it is `ssh` with root as the user, as far as the plan knows the words."""
    if call.program != "ssh":
        return False
    texts = [place.settled(word.text) for word in call.words]
    if call.value("l") == "root" or any(_ROOT.search(text) for text in texts):
        return True
    lists = place.lists or {}
    unknown = any("$" in text for text in texts)
    return unknown and any(_names_root(items) for items in lists.values())


def _names_root(items: tuple[str, ...]) -> bool:
    return "root" in items or any(_ROOT.search(item) for item in items)


def _report(placed: PlacedCall, found: Redirection) -> Diagnostic:
    target = shown(found.target.text)
    return CODE.at(
        placed.span,
        f"{target} is opened by the shell around it, and not by `sudo`: the login user may not "
        "write there",
        hint=f"write `… | sudo tee {found.target.text} >/dev/null`, or copy a file with `sudo`",
    )
