"""Regular expressions that are compiled when they are first used.

A cold start loads hundreds of patterns of which a plan needs a few; compiling all of them took a
tenth of it. For type checkers a lazy pattern *is* a `re.Pattern`. After the first use of it each
method is that of the compiled pattern itself, so that nothing is paid in a loop; and other than
with `re.search(text, …)` no pattern is ever compiled twice, however many there are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import AnyStr

    def lazy_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """As `re.compile`, but what is wrong with the text shows at the first use only."""
        return re.compile(text, flags)

else:

    class lazy_pattern:  # noqa: N801 - for those who call it, it is a function
        """As `re.compile`, see the module."""

        def __init__(self, text, flags=0) -> None:  # noqa: ANN001
            self.pattern = text
            self._flags = flags

        def __getattr__(self, name):  # noqa: ANN001, ANN204
            compiled = re.compile(self.pattern, self._flags)
            value = getattr(compiled, name)
            for method in _METHODS:
                setattr(self, method, getattr(compiled, method))
            return value

    _METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")
