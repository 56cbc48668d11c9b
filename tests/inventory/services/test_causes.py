"""The table of likely causes, on every small world."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.services.causes import Cause, Facts, cause_of

T = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEFORE, AFTER = T - timedelta(minutes=5), T + timedelta(minutes=5)
KNOWN = {"seen": 20, "seen_version": "118", "seen_at": BEFORE, "snapshot_at": T}


@pytest.mark.parametrize(
    ("what", "facts", "cause"),
    [
        ("they agree", Facts(20, 20, 20, "118", **KNOWN), None),
        ("an edit that a version shows", Facts(20, 20, 22, "119", **KNOWN), Cause.EDITED_THERE),
        ("a change without versions", Facts(20, 20, 22, snapshot_at=T, seen=20, seen_at=BEFORE), Cause.DRIFT),
        ("a sale of ours since", Facts(18, 20, 20, "118", owed=True, **KNOWN), Cause.IN_FLIGHT),
        ("told, and not answered yet", Facts(18, 18, 18 - 0, "119", awaited=True, sent=18, **KNOWN), None),
        (
            "an older figure of ours on its way",
            Facts(17, 18, 18, "119", awaited=True, sent=18, **KNOWN),
            Cause.IN_FLIGHT,
        ),
        ("a picture older than our news", Facts(20, 20, 25, "117", **KNOWN), Cause.IN_FLIGHT),
        ("an old picture without versions", Facts(20, 20, 25, snapshot_at=T, seen=20, seen_at=AFTER), Cause.IN_FLIGHT),
        ("never told yet", Facts(20, 20, 0, "1", owed=True, snapshot_at=T), Cause.IN_FLIGHT),
        ("not in a full picture", Facts(20, 20, None, **KNOWN), Cause.NOT_LISTED),
        ("confirmed since that picture", Facts(20, 20, None, seen=20, seen_at=AFTER, snapshot_at=T), Cause.IN_FLIGHT),
        ("less than nothing there", Facts(0, 0, -1, snapshot_at=T, seen=0, seen_at=BEFORE), Cause.OVERSOLD),
        ("a conflict stays one", Facts(20, 20, 22, "119", conflict=True, **KNOWN), Cause.CONFLICT),
    ],
)
def test_the_table(what, facts, cause):
    assert cause_of(facts) == cause, what


units = st.integers(0, 4)
maybe = st.none() | units
versions = st.sampled_from(["", "1", "2", "3"])
times = st.sampled_from([BEFORE, T, AFTER])
worlds = st.builds(
    Facts, ours=units, ours_then=units, theirs=maybe, their_version=versions, snapshot_at=times, seen=maybe,
    seen_version=versions, seen_at=st.none() | times, sent=maybe, awaited=st.booleans(), owed=st.booleans(),
    conflict=st.booleans(), oversold=st.just(0),
)  # fmt: skip


@given(worlds)
def test_equal_figures_are_never_a_discrepancy_and_others_always_have_a_cause(facts):
    if facts.theirs is not None:
        assert (cause_of(facts) is None) == (facts.theirs == facts.ours)


@given(worlds)
def test_what_they_were_told_is_never_held_against_them(facts):
    """A channel that shows what we know it has was not edited behind our back."""
    if facts.theirs == facts.seen and not facts.conflict:
        assert cause_of(facts) in (None, Cause.IN_FLIGHT, Cause.NOT_LISTED)


@given(worlds)
def test_an_edit_is_only_claimed_where_a_newer_version_proves_it(facts):
    if cause_of(facts) == Cause.EDITED_THERE:
        assert int(facts.their_version) > int(facts.seen_version)
