from inventory.queries.integrity import Finding
from tests.omni.api.helpers import caller_of

URL = "/api/v1/system/integrity/"


def test_a_whole_ledger_has_no_findings(reader, shelf):
    answer = reader.get(URL).json()

    assert answer["whole"] is True
    assert answer["findings"] == []


def test_what_is_broken_is_named(reader, shelf, monkeypatch):
    broken = Finding("I1", "TEA-250 at store-1", "10", "9", "A row is missing.", repairable=True)
    monkeypatch.setattr("inventory.api.integrity.findings", lambda most: [broken])

    answer = reader.get(URL).json()
    assert answer["whole"] is False
    assert answer["findings"] == [
        {"code": "I1", "place": "TEA-250 at store-1", "expected": "10", "actual": "9", "cause": "A row is missing.",
         "repairable": True}
    ]  # fmt: skip


def test_it_needs_its_scope(writer, shelf):
    assert writer.get(URL).status_code == 403
    assert caller_of("system:read").get("/api/v1/stock/").status_code == 403
