"""The real servers and programs that the tests talk to, and how each is brought to this machine."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FACTS: dict[str, str] = {}  # what this process really used, by name; told in the last lines of the run


class UnavailableError(Exception):
    """A peer could not be brought; the tests that need it are reported as not run."""
