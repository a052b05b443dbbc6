"""Perl's MIME-tools, which MIMEDefang and request trackers read mail with."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.peers.perl import Perl
from tests.peers.reading import Reading, read_lines

_SCRIPT = Path(__file__).with_name("mime_tools.pl")


def read(perl: Perl, letters: Sequence[Path], folder: Path) -> list[Reading]:
    """Read letters, in one process."""
    call, environment = perl.call(_SCRIPT, *letters), perl.environment(folder)
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return read_lines(done.stdout)
