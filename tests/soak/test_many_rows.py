"""Comparing millions of lines: everything wrong is found, and the worker stays small."""

import pytest
from django.db import connections

from bench import reconcile


@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "variants",
    [
        pytest.param(100, id="6,000 lines"),
        pytest.param(100_000, id="6 million lines", marks=pytest.mark.soak),
    ],
)
def test_every_wrong_line_is_found_within_300_mb(variants):
    reconcile.seed(variants)
    full = reconcile.ours(variants, full=True)
    assert full["found"] == reconcile.wrong_lines(variants) > 0
    assert full["peak_mb"] <= reconcile.MOST_MB
    connections.close_all()
