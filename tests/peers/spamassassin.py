"""SpamAssassin, by its own rules and without a network: how much of spam a letter has about it."""

import email
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.peers.perl import Perl

# As a server of somebody else's writes it, to which our relay spoke: a name, an address that is nobody's reserved
# one (example.com's), TLS, and the moment at which the letter was written.
_RECEIVED = b"""Received: from %b (%b [93.184.215.14])
\tby mx.example.com (Postfix) with ESMTPS id 4B1F2A
\tfor <reader@example.com>; %b
"""
_RULES = "usr/share/spamassassin"
_SETTINGS = ("dns_available no", "use_bayes 0", "fold_headers 0", "add_header all Hits _TESTSSCORES(,)_")


@dataclass(frozen=True, slots=True)
class Score:
    """What SpamAssassin says of a letter: the points of every rule that it met. Five are spam."""

    rules: Mapping[str, float]

    @property
    def points(self) -> float:
        """The sum, which the program itself rounds to a tenth."""
        return round(sum(self.rules.values()), 3)

    def __str__(self) -> str:
        worst = sorted(self.rules.items(), key=lambda rule: -rule[1])
        return f"{self.points:.3f} ({', '.join(f'{name} {points:+.3f}' for name, points in worst)})"


def scores(perl: Perl, letters: Mapping[str, bytes], folder: Path) -> dict[str, Score]:
    """Score letters by name, all in one process, whose files go to `folder`; their Message-IDs must differ.

    A letter arrives as at a stranger's server: with a Received line, and from nobody who is trusted.
    """
    names = {_message_id(content): name for name, content in letters.items()}
    assert len(names) == len(letters), "two letters have one Message-ID"
    box = folder / "letters.mbox"
    box.write_bytes(b"".join(map(_arrived, letters.values())))
    program, rules, site = (perl.root / path for path in ("usr/bin/spamassassin", _RULES, "etc/spamassassin"))
    options = ["--local", "--mbox", "--nocreate-prefs", f"--configpath={rules}", f"--siteconfigpath={site}"]
    settings = [f"--cf={setting}" for setting in _SETTINGS]
    call = perl.call(program, *options, *settings, box)
    done = subprocess.run(call, capture_output=True, check=False, timeout=300, env=perl.environment(folder))
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    told = {_message_id(one): _score(one) for one in re.split(rb"(?m)^From .*\n", done.stdout)[1:]}
    assert told.keys() == names.keys(), done.stderr.decode(errors="replace")[-2000:]
    return {name: told[id_] for id_, name in names.items()}


def _arrived(content: bytes) -> bytes:
    """Give a letter as it stands in a box of letters. None of its lines begins with `From `."""
    head = email.message_from_bytes(content)
    host = head["From"].rpartition("@")[2].rstrip(">").encode()
    line = _RECEIVED % (b"mail." + host, b"mail." + host, head["Date"].encode())
    return b"From letters@%b Thu Sep  1 08:00:00 2026\n%b%b\n" % (host, line, content.replace(b"\r\n", b"\n"))


def _message_id(content: bytes) -> str:
    return str(email.message_from_bytes(content)["Message-ID"])


def _score(content: bytes) -> Score:
    hits = str(email.message_from_bytes(content)["X-Spam-Hits"])
    pairs = (hit.split("=") for hit in re.split(r"[,\s]+", hits) if "=" in hit)
    return Score({name: float(points) for name, points in pairs})
