"""Wilson's interval against published values."""

import pytest

from omni.intervals import Share


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_newcombe_1998(hits, n, low, high):
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    share = Share(hits, n)

    assert (round(share.low, 4), round(share.high, 4)) == (low, high)


def test_nothing_of_nothing_is_no_share():
    assert (Share(0, 0).value, Share(0, 0).low, Share(0, 0).high) == (None, None, None)
