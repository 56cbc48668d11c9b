"""
No card numbers here: what looks like one is masked before it is stored or logged.

Only free text is masked. Identifiers (SKU, external id, holder, document) are left alone on purpose: one in ten long
numbers passes the check, and masking would make one sale of two different ones.
"""

import logging
import re

RUN = re.compile(r"\d(?:[ -]?\d){12,}")  # digits in one group, or in groups parted by single spaces or hyphens
GROUP = re.compile(r"\d+")
SHORTEST, LONGEST, SHOWN = 13, 19, 4


def passes_luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B: every second digit from the right doubled, the sum a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def mask_cards(text: str) -> str:
    """Return the text with all but the last four digits of card numbers replaced by ``•``."""
    return RUN.sub(lambda run: mask_run(run.group()), text)


def mask_run(run: str) -> str:
    """Mask the first whole groups of a run that make a card number; what follows them is looked at again."""
    groups = list(GROUP.finditer(run))
    for first in groups:
        for last in groups:
            number = run[first.start() : last.end()]
            digits = "".join(GROUP.findall(number))
            if SHORTEST <= len(digits) <= LONGEST and passes_luhn(digits):
                masked = "•" * (len(digits) - SHOWN) + digits[-SHOWN:]
                return run[: first.start()] + masked + mask_cards(run[last.end() :])
    return run


class MaskCards(logging.Filter):
    """Masks card numbers in what is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        masked = mask_cards(said)
        if masked != said:
            record.msg, record.args = masked, None
        return True
