"""What a letter may use of its sandbox, counted the same on every machine, so that a refusal names a line.

The process in which a letter is rendered has limits as well (`service.printing`). They are the wall; these counters
make the outcome the same each time.
"""

from dataclasses import dataclass

MOST_STEPS = 20_000  # turns of loops, calls of macros and of t(), templates included
LARGEST_OUTPUT = 512_000  # bytes that one template gives
_MOST_MADE = 8 * LARGEST_OUTPUT  # characters printed, captured and joined on the way there


class SpentError(Exception):
    """A template wants more than a letter may use."""


@dataclass(slots=True)
class Budget:
    """What one letter has used so far."""

    steps: int = 0
    made: int = 0

    def step(self, count: int = 1) -> None:
        """Charge turns of a loop, or a call; raise SpentError if there have been too many."""
        self.steps += count
        if self.steps > MOST_STEPS:
            raise SpentError(f"more than {MOST_STEPS:,} turns of loops and calls")

    def text(self, characters: int) -> None:
        """Charge a text that is printed or kept; raise SpentError if there is too much of it."""
        self.made += characters
        if self.made > _MOST_MADE:
            raise SpentError(f"more than {_MOST_MADE:,} characters are made")
