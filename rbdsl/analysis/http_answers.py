"""What `curl` and HTTPie print of an answer that is an error, where they don't fail for it.

In: a call. Out: what reaches its standard output, body and what `-w` adds, for one status and one
body. None where that can't be told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from rbdsl.analysis.calls import Call

STATUSES = ("404", "500", "503")
NO_ANSWER = "000"
"""The status that `curl` writes where nobody answers; it fails then, too."""
PAGES = (
    "404 page not found\n",
    "no healthy upstream",
    '{"status":500,"error":"Internal Server Error"}',
    "<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n</html>\n",
)
"""Bodies of errors as they are in the wild, with little in common."""
_HEADERS = "HTTP/1.1 {} Refused\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
_CODE = lazy_pattern(r"%\{(?:http|response)_code\}")
_VARIABLE = lazy_pattern(r"%\{(\w+)\}|%%|\\[nrt]|[%\\]")
_SIGNS = {"%%": "%", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
_PARTS = ("h", "headers", "p", "print", "m", "meta", "v", "verbose", "d", "download", "o", "output")
_OTHERWISE = ("D", "dump-header", "K", "config", "parallel", "Z", "help", "V", "version")


def tells_status(call: Call) -> bool:
    """Whether the status is written out, `-w '%{http_code}'`: errors are answers then."""
    return _CODE.search(call.value("w", "write-out") or "") is not None


def tells_status_only(call: Call) -> bool:
    """Whether nothing but the status, and what is about the transfer, is printed."""
    return call.program == "curl" and tells_status(call) and _body(call, "x", "") == ""


def printed(call: Call, status: str, body: str) -> str | None:
    """What is printed for an answer with this status and body."""
    own = _body(call, body, status)
    written = _written(call.value("w", "write-out") or "", status)
    return None if own is None or written is None else own + written


def _body(call: Call, body: str, status: str) -> str | None:
    """What is printed of the answer itself, by the options that choose a part of it."""
    if call.program in ("http", "https"):
        return None if call.has(*_PARTS) else body
    if call.program != "curl" or call.has(*_OTHERWISE) or len(call.operands) > 1:
        return None
    if call.has("O", "remote-name") or call.value("o", "output") not in (None, "-"):
        return ""
    if call.has("I", "head"):
        return _HEADERS.format(status)
    return _HEADERS.format(status) + body if call.has("i", "include", "show-headers") else body


def _written(form: str, status: str) -> str | None:
    """What `-w` writes; a time is one, and of other variables nothing is known."""
    unknown = form.startswith("@")

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        name = found[1] or ""
        if name in ("http_code", "response_code"):
            return status
        if name.startswith(("time_", "size_", "num_")):
            return "0.012345" if name.startswith("time_") else "0"
        unknown = unknown or found[0] not in _SIGNS
        return _SIGNS.get(found[0], "")

    text = _VARIABLE.sub(value, form)
    return None if unknown else text
