import logging

import pytest

from omni.masking import MaskCards, mask_cards


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "••••••••••••1111"),
        ("card 4111 1111 1111 1111 please", "card ••••••••••••1111 please"),
        ("5500-0000-0000-0004.", "••••••••••••0004."),
        ("378282246310005", "•••••••••••0005"),
        ("order 1234 4111 1111 1111 1111", "order 1234 ••••••••••••1111"),
        ("4111111111111111 5500000000000004", "••••••••••••1111 ••••••••••••0004"),
    ],
)
def test_card_numbers_are_masked_to_their_last_four(text, masked):
    assert mask_cards(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "411111111111",
        "0000000000000000",
        "41111111111111111111111",
        "+60 12 345 6789",
        "2026-03-02 10:00",
        "",
    ],
)
def test_other_numbers_stay(text):
    assert mask_cards(text) == text


def test_logs_hold_no_card_number():
    record = logging.LogRecord("a", logging.ERROR, "a.py", 1, "paid with %s", ("4111111111111111",), None)

    assert MaskCards().filter(record)
    assert record.getMessage() == "paid with ••••••••••••1111"
