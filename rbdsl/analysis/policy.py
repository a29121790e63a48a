"""The level policies: what each certification level demands, read from TOML.

`stdlib/levels.toml` is the shipped one; an organisation brings its own file of the same shape.
A level keeps what the next lower level of the file demands, unless it says `inherits`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from rbdsl.analysis.catalogue import BY_ID
from rbdsl.analysis.policy_tables import BAD_POLICY, PolicyTables
from rbdsl.analysis.toml_places import read_toml
from rbdsl.diagnostics import Diagnostic, closest, ordered
from rbdsl.model.values import show_ms
from rbdsl.record import dataclass
from rbdsl.resources import data_folder
from rbdsl.source import Source, Span

_FORMAT = 1
_LEVEL_KEYS = (
    "title",
    "sla",
    "target",
    "per_region",
    "breach",
    "requires",
    "recommends",
    "rehearsal_before",
    "inherits",
)


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """What one level demands; each level keeps the demands of the ones below it.

    `requires` and `recommends` are requirement ids (`staging-test`), inherited ones first;
    `breach` is what follows when the SLA is broken, in the policy's words, perhaps empty.
    `rehearsal_before_ms` is how long before the change a rehearsal has to be, 0 for at any time.
    `titles` are pairs of a requirement id and what the policy calls it.
    """

    number: int
    title: str
    sla_ms: int
    target_ms: int
    per_region: bool
    breach: str
    requires: tuple[str, ...]
    recommends: tuple[str, ...]
    titles: tuple[tuple[str, str], ...] = ()
    rehearsal_before_ms: int = 0

    def title_of(self, requirement: str) -> str:
        """What the policy calls a requirement, else its usual title."""
        return dict(self.titles).get(requirement) or BY_ID[requirement].title


@cache
def shipped_policies() -> dict[int, LevelPolicy]:
    """The policies that come with the compiler: levels 2, 3 and 4."""
    path = data_folder("stdlib") / "levels.toml"
    policies, diagnostics = parse_policies(
        Source("std/levels.toml", path.read_text(encoding="utf-8"))
    )
    if policies is None:
        raise ValueError(f"the shipped level policies are broken: {diagnostics[0].message}")
    return policies


def parse_policies(source: Source) -> tuple[dict[int, LevelPolicy] | None, list[Diagnostic]]:
    """The policies of a TOML text by level, ascending; None where one of them is wrong."""
    document, problem = read_toml(source, BAD_POLICY, "the policy file")
    if document is None:
        return None, [problem] if problem else []
    reader = _Reader(source)
    policies = reader.document(document)
    return (None if reader.diagnostics else policies), ordered(reader.diagnostics)


class _Reader(PolicyTables):
    """Checks a parsed document and notes everything that is wrong with it."""

    def document(self, document: dict[str, Any]) -> dict[int, LevelPolicy]:
        """All levels with what they inherit."""
        self._unknown_keys(document, ("format", "level", "titles"), "a policy file")
        version = document.get("format")
        if version is None:
            self._fail(self._places.of(), "the policy file has no `format`", "write `format = 1`")
        elif version != _FORMAT or isinstance(version, bool):
            self._fail(
                self._places.of("format"),
                f"the format of the policy file is `{version}`, and only {_FORMAT} is known",
            )
        titles = self._titles(document)
        levels = document.get("level")
        if not isinstance(levels, dict) or not levels:
            hint = 'write a table such as `[level.3]` with `sla = "15m"`'
            self._fail(self._places.of("level"), "the policy file has no levels", hint)
            return {}
        own: dict[int, LevelPolicy] = {}
        parents: dict[int, object] = {}
        for key, body in levels.items():
            policy = self._level(key, body, titles)
            if policy:
                own[policy.number] = policy
                parents[policy.number] = body.get("inherits")
        return self._inherit(dict(sorted(own.items())), parents)

    def _level(
        self, key: str, body: object, titles: tuple[tuple[str, str], ...]
    ) -> LevelPolicy | None:
        place = self._places.of("level", key)
        if not re.fullmatch(r"[1-9][0-9]{0,3}", key):
            self._fail(place, f"`{key}` is not a level", "levels are whole numbers from 1")
            return None
        if not isinstance(body, dict):
            self._fail(place, f"level {key} is not a table", f"write `[level.{key}]`")
            return None
        self._unknown_keys(body, _LEVEL_KEYS, f"level {key}", "level", key)
        requires = self._ids(key, body, "requires")
        recommends = self._ids(key, body, "recommends")
        sla, target = self._limits(key, body)
        per_region = body.get("per_region", False)
        if not isinstance(per_region, bool):
            self._fail(self._places.of("level", key, "per_region"), "`per_region` is true or false")
        return LevelPolicy(
            number=int(key),
            title=self._text(body, f"Level {key}", "level", key, "title"),
            sla_ms=sla,
            target_ms=target,
            per_region=per_region is True,
            breach=self._text(body, "", "level", key, "breach"),
            requires=requires,
            recommends=recommends,
            titles=titles,
            rehearsal_before_ms=self._duration(
                body["rehearsal_before"], "level", key, "rehearsal_before"
            )
            if "rehearsal_before" in body
            else 0,
        )

    def _limits(self, key: str, body: dict[str, Any]) -> tuple[int, int]:
        place = self._places.of("level", key)
        if "sla" not in body:
            self._fail(place, f"level {key} has no `sla`", 'write a time such as `sla = "15m"`')
            return 0, 0
        sla = self._duration(body["sla"], "level", key, "sla")
        if "target" not in body:
            return sla, sla
        target = self._duration(body["target"], "level", key, "target")
        if sla and target > sla:
            self._fail(
                self._places.of("level", key, "target"),
                f"the target of level {key}, {show_ms(target)}, is longer than its SLA, "
                f"{show_ms(sla)}",
            )
        return sla, target

    def _inherit(
        self, own: dict[int, LevelPolicy], parents: dict[int, object]
    ) -> dict[int, LevelPolicy]:
        chains = {number: self._parent(number, own, parents[number]) for number in own}
        complete = {}
        for number, policy in own.items():
            line = [policy]
            at = chains[number]
            while at is not None:
                if own[at] in line:
                    place = self._places.of("level", str(number), "inherits")
                    self._fail(place, f"level {number} inherits from itself")
                    break
                line.insert(0, own[at])
                at = chains[at]
            requires = _once(name for ancestor in line for name in ancestor.requires)
            recommends = _once(name for ancestor in line for name in ancestor.recommends)
            complete[number] = LevelPolicy(
                number=number,
                title=policy.title,
                sla_ms=policy.sla_ms,
                target_ms=policy.target_ms,
                per_region=policy.per_region,
                breach=policy.breach,
                requires=requires,
                recommends=tuple(name for name in recommends if name not in requires),
                titles=policy.titles,
                rehearsal_before_ms=policy.rehearsal_before_ms,
            )
        return complete

    def _parent(self, number: int, own: dict[int, LevelPolicy], stated: object) -> int | None:
        if stated is None:
            return max((other for other in own if other < number), default=None)
        if stated is False:
            return None
        if isinstance(stated, int) and not isinstance(stated, bool) and stated in own:
            return stated
        self._fail(
            self._places.of("level", str(number), "inherits"),
            f"level {number} inherits from `{stated}`, which is no level of this file",
            "write the number of a level, or `false`",
        )
        return None

    def _titles(self, document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        titles = document.get("titles", {})
        if not isinstance(titles, dict):
            self._fail(self._places.of("titles"), "`titles` is not a table")
            return ()
        for name in titles:
            if name not in BY_ID:
                self._unknown_requirement(self._places.of("titles", name), name)
        return tuple((name, self._text(titles, "", "titles", name)) for name in titles)

    def _ids(self, key: str, body: dict[str, Any], word: str) -> tuple[str, ...]:
        names = body.get(word, [])
        if not isinstance(names, list):
            self._fail(self._places.of("level", key, word), f"`{word}` is not a list of texts")
            return ()
        known = []
        for name in names:
            if isinstance(name, str) and name in BY_ID:
                known.append(name)
            elif isinstance(name, str):
                self._unknown_requirement(self._places.string(name, "level", key, word), name)
            else:
                self._fail(self._places.of("level", key, word), f"`{name}` is not a text")
        return _once(known)

    def _unknown_requirement(self, span: Span, name: str) -> None:
        best = closest(name, BY_ID)
        hint = f"did you mean `{best}`?" if best else "known are " + ", ".join(sorted(BY_ID))
        self._fail(span, f"there is no requirement `{name}`", hint)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
