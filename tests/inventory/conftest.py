"""Tests of inventory poke no broker: who was poked is kept instead."""

import pytest


@pytest.fixture(autouse=True)
def pokes(monkeypatch):
    poked: list[str] = []
    monkeypatch.setattr("inventory.services.listings.poke", poked.append)
    return poked


@pytest.fixture(autouse=True)
def nudges(monkeypatch):
    nudged: list[str] = []
    monkeypatch.setattr("omni.queue.nudge", lambda job: nudged.append(job.task))
    return nudged
