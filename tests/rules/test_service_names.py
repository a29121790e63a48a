"""Which names of services say that they belong together."""

from __future__ import annotations

import pytest

from rbdsl.rules.service_names import belong_together


@pytest.mark.parametrize(
    ("ours", "theirs", "together"),
    [
        (["forum"], ["forum-db"], True),
        (["orders_service", "mail"], ["orders-primary"], True),
        (["shop"], ["shop"], True),
        (["shop-db"], ["mail-db"], False),
        (["api-service"], ["auth-service"], False),
        (["shop"], ["shopping"], False),
        ([], ["shop"], False),
    ],
)
def test_names(ours: list[str], theirs: list[str], together: bool) -> None:
    assert belong_together(ours, theirs) == together
