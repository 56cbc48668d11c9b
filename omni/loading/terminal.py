"""A progress bar for people at a terminal: how far, how fast, how long still."""

import time
from dataclasses import dataclass, field
from typing import TextIO

WIDTH = 28


@dataclass
class Bar:
    """Draws on one line of a terminal; in a file, one line a step."""

    out: TextIO
    unit: str = "rows"
    begun: float = field(default_factory=time.monotonic)
    last: str = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        line = self.line(step, done, total)
        if self.out.isatty():
            self.out.write(f"\r\x1b[2K{line}" + ("" if step else "\n"))
        elif step != self.last:
            self.out.write(f"{line}\n")
        self.out.flush()
        self.last = step

    def line(self, step: str, done: int, total: int) -> str:
        """The text of one state; an empty step is the end."""
        spent = time.monotonic() - self.begun
        share = done / total if total else 1
        rate = done / spent if spent else 0
        filled = round(share * WIDTH)
        bar = "#" * filled + "." * (WIDTH - filled)
        if not step:
            return f"[{bar}] 100 %  {done:,} {self.unit} in {spent:.1f} s"
        left = f"{(total - done) / rate:,.0f} s left" if rate else "reckoning"
        return f"[{bar}] {share:4.0%}  {step:<10} {rate:,.0f} {self.unit}/s, {left}"
