"""Commands that do their work a second time when they are run again: they add to what is there.

In: a call. Out: whether a second run of it takes, books or appends once more. SQL, documents and
requests that say themselves whether it was done are left out.
"""

from __future__ import annotations

import re

from rbdsl.rules.placed_calls import PlacedCall

DATABASES = ("psql", "mysql", "mariadb", "sqlite3", "sqlcmd", "clickhouse-client", "cqlsh")
_MONGO = ("mongosh", "mongo")
_REDIS = ("redis-cli", "valkey-cli")
_WRITERS = ("echo", "printf", "cat", "tee")
PROGRAMS = (*DATABASES, *_MONGO, *_REDIS, *_WRITERS, "aws", "curl", "heroku")

_COUNTING = (
    r"(?i)(?:\bset\b|,)\s*(?:(?P<own>\w+)\.)?(?P<column>\w+)\s*=\s*(?:coalesce\(\s*)?"
    r"(?:(?P<other>\w+)\.)?(?P=column)\b(?:\s*,\s*0\s*\))?\s*[-+*/]"
)
_TARGET = r"(?i)\bupdate\s+(?:only\s+)?(?:\w+\.)?(\w+)\s+(?:as\s+)?(\w+)"
_COPYING = r"(?i)\Ainsert\s+into\s+([\w.\"`]+)\s*(?:\([^)]*\)\s*)?(?:select\b|table\b|with\b)"
_MARKED = (
    r"(?i)\bon conflict\b|\bon duplicate key\b|\binsert ignore\b|\bnot exists\b|\bnot in\b"
    r"|\bexcept\b|\bis (?:not )?null\b|\bis distinct\b|\breturning\b"
    r"|\bwhere\b.*(?:\bnot \w|=\s*(?:false|true)\b|\b\w*(?:status|state|done|phase|version)\w*\s*=)"
)
_SET = r"(?i)(?:\bset\b|,)\s*(?:\w+\.)?(\w+)\s*="
_NOTED = (
    r"(?i)\Ainsert\s+into\s+[\w.\"]*(?:done|mark|applied|migrat|once|executed|rollback)\w*\"?[\s(]"
)
_MAKES = r"(?i)\b(?:create table (?!if not)|truncate|delete from|drop table|if not )"
_COUNTERS = frozenset(
    """
    incr decr incrby decrby incrbyfloat hincrby hincrbyfloat zincrby rpush lpush append
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_OPERATORS = r"\$(?:inc|mul|push)\b"
_DIFFERENCE = r"(?i)\badd\s+#?\w+\s+:|\b(#?\w+)\s*=\s*\1\s*[-+]"
_BOOKING = (
    r"/(?:refunds?|payments?|bookings?|transfers?|charges?|transactions?|credits?|payouts?"
    r"|withdrawals?|adjustments?|topups?)/?\Z"
)
_SETTINGS = (
    r"\A/etc/|\.(?:conf|cfg|ini|env|properties|ya?ml|rules|allow|deny|zone)\Z|(?:\A|/)\.env[\w.]*\Z"
)


def repeats(placed: PlacedCall) -> bool:
    """Whether a second run adds to what the first one has done."""
    call = placed.call
    match call.program:
        case program if program in DATABASES:
            return _by_sql(placed)
        case program if program in _REDIS:
            return any(word.lower() in _COUNTERS for word in call.operands)
        case program if program in _MONGO:
            said = "\n".join((call.text, *call.given, *(d.text for d in call.documents)))
            return re.search(_OPERATORS, said) is not None and "updateOne({_id" not in said
        case program if program in _WRITERS:
            return _appends(placed)
        case "aws":
            expression = call.value("update-expression") or ""
            return not call.has("condition-expression") and bool(re.search(_DIFFERENCE, expression))
        case "curl":
            return _books(placed)
        case "heroku":
            scales = call.operands[:1] in (("ps:scale",), ("scale",))
            return scales and any(re.search(r"\w[-+]\d+\Z", word) for word in call.operands[1:])
    return False


def _by_sql(placed: PlacedCall) -> bool:
    """Whether a statement counts on or copies rows, and none says whether that was done."""
    texts = [one.text for one in placed.statements]
    if any(re.match(_NOTED, text) and "select" not in text.lower() for text in texts):
        return False
    counting = any(
        _counts(text) and not re.search(_MARKED, text) and not _is_guarded(text) for text in texts
    )
    copying = any(_copies_again(text, texts[:at]) for at, text in enumerate(texts))
    if not counting and not copying:
        return False
    return not counting or not any(re.search(_MAKES, text) for text in texts)


def _counts(text: str) -> bool:
    """Whether a column becomes what it was and more; that of another table does not count."""
    if "set" not in text.lower():
        return False
    target = re.search(_TARGET, text)
    names = {name.lower() for name in target.groups()} if target else set()
    return any(
        not found["other"] or found["other"].lower() in names | {(found["own"] or "").lower()}
        for found in re.finditer(_COUNTING, text)
    )


def _is_guarded(text: str) -> bool:
    """Whether it only meets rows that it has not changed yet: a condition on what it sets."""
    said, _, condition = text.partition(" where ")
    condition = condition or text.partition(" WHERE ")[2]
    counted = {found["column"] for found in re.finditer(_COUNTING, text)}
    for column in set(re.findall(_SET, said)):
        compared = r"\s*(?:=|in\b)" if column in counted else r"\b"
        if re.search(rf"(?i)(?<![\w$:]){re.escape(column)}{compared}", condition):
            return True
    return False


def _copies_again(text: str, before: list[str]) -> bool:
    found = re.match(_COPYING, text)
    if found is None or re.search(_MARKED, text):
        return False
    return not any(re.search(_MAKES, one) and found[1] in one for one in before)


def _appends(placed: PlacedCall) -> bool:
    """Whether it adds lines to a file of settings that nothing has looked into or made before."""
    call = placed.call
    targets = [r.target.text for r in call.redirections if r.operator == ">>"]
    if call.program == "tee" and call.has("a", "append"):
        targets += call.operands
    for target in targets:
        if re.search(_SETTINGS, placed.filled(target)) and not any(
            other.call.program
            in ("grep", "sed", "cp", "install", "scp", "rsync", "truncate", "test")
            or any(
                r.operator in (">", ">|") and r.target.text == target
                for r in other.call.redirections
            )
            for other in placed.place.before(placed)
        ):
            return True
    return False


def _books(placed: PlacedCall) -> bool:
    """Whether it posts to where each request is booked, without a key that says it is the same."""
    call = placed.call
    text = "\n".join((" ".join(placed.texts), *call.given))
    posts = (call.value("request", "X") or "").upper() == "POST" or (
        not call.has("request", "X") and call.has("data", "d", "json", "data-raw", "data-binary")
    )
    if not posts or re.search(r"(?i)idempoten|request-?id", text):
        return False
    return any(re.search(_BOOKING, placed.filled(w).partition("?")[0]) for w in call.operands)
