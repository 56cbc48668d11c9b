"""The bench itself: what a claim says, and that each bench runs and finds its results right."""

import json

import pytest
from django.db import connections

from bench import harness
from bench.harness import Claim, compare, show

FIELDS = ["name", "ours", "limit", "unit", "ratio", "rounds", "machine"]


def claim_of(ours, limit, **options) -> Claim:
    mine, best = iter(ours), iter(limit)
    said = {"ours": lambda: next(mine), "limit": lambda: next(best), "unit": "x", "rounds": len(ours), **options}
    return compare("reserve anything", **said)


def test_medians_of_the_rounds_are_compared():
    claim = claim_of([10, 1000, 20], [40, 2, 50])
    assert (claim.ours, claim.limit, claim.ratio) == (20, 40, 0.5)


def test_of_rates_more_is_better_and_of_times_less():
    assert claim_of([80], [100]).ratio == 0.8
    assert claim_of([2.0], [1.0], less_is_better=True).ratio == 0.5


def test_a_goal_that_is_missed_is_said(capsys):
    show(iter([claim_of([50], [100], goal=0.7)]), as_json=False)
    assert "goal 0.7 MISSED" in capsys.readouterr().out
    assert claim_of([80], [100], goal=0.7).verdict == "reached"


def test_as_json_a_claim_is_one_object_a_line_with_these_fields(capsys):
    show(iter([claim_of([50], [100]), claim_of([60], [100])]), as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["ratio"] for line in lines] == [0.5, 0.6]
    assert [name for name in lines[0] if name != "goal"] == FIELDS


@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["reserve", "reconcile", "import"])
def test_every_bench_runs_and_is_right(name, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    module = {"reserve": "reserve", "reconcile": "reconcile", "import": "imports"}[name]
    bench = __import__(f"bench.{module}", fromlist=[module])
    claims = list(bench.claims(rounds=1, scale=0.005))
    connections.close_all()
    assert claims
    assert all(claim.name.startswith(name) and claim.ratio > 0 and claim.rounds == 1 for claim in claims)
    assert all(claim.machine == harness.machine() for claim in claims)
