"""Estimates never stand alone: a share is shown with its n and its interval."""

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``, with the 95 % interval of Wilson (1927): it holds for small n and near 0 and 1, too."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def low(self) -> float | None:
        return self.bound(-1)

    @property
    def high(self) -> float | None:
        return self.bound(1)

    def bound(self, side: int) -> float | None:
        if not self.n:
            return None
        share, n, square = self.hits / self.n, self.n, Z95 * Z95
        middle = share + square / (2 * n)
        reach = Z95 * sqrt(share * (1 - share) / n + square / (4 * n * n))
        return min(1.0, max(0.0, (middle + side * reach) / (1 + square / n)))
