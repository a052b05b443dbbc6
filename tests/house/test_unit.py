"""The unit for systemd: what it sets are settings, it may do little, and systemd itself says so where there is one."""

import shlex
import shutil
import subprocess
from collections import defaultdict

from service.settings import CONFIG, PREFIX, Settings
from tests.house.repository import ROOT

UNIT = ROOT / "remembrancer.service"
MOST_EXPOSED = 20  # tenths, of 100; systemd calls up to 40 "OK"


def told() -> dict[str, list[str]]:
    """Give what the unit says, by key: a key may stand several times."""
    found = defaultdict(list)
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        key, is_said, value = line.partition("=")
        if is_said and not line.startswith("#"):
            found[key].append(value)
    return found


def test_the_unit_sets_what_there_is_to_set() -> None:
    given = dict(pair.split("=", 1) for line in told()["Environment"] for pair in shlex.split(line))
    known = {PREFIX + name.upper() + end for name in Settings.model_fields for end in ("", "_FILE")} | {CONFIG}
    assert {name for name in given if name.startswith(PREFIX)} <= known
    (name, _, path) = told()["LoadCredential"][0].partition(":")
    assert given["REMEMBRANCER_SECRET_KEY_FILE"] == f"%d/{name}"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(place in readme for place in (path, given["REMEMBRANCER_CONFIG"], given["REMEMBRANCER_DATA_DIR"]))


def test_the_unit_leaves_the_post_time_to_finish_and_gives_root_nothing_away() -> None:
    said = told()
    assert int(said["TimeoutStopSec"][0]) > 60
    assert (said["User"], said["Restart"], said["StateDirectory"]) == (["remembrancer"], ["always"], ["remembrancer"])
    for key in ("NoNewPrivileges", "PrivateUsers", "PrivateTmp", "PrivateDevices", "MemoryDenyWriteExecute"):
        assert said[key] == ["yes"]
    assert said["CapabilityBoundingSet"] == [""]


def test_systemd_finds_it_little_exposed() -> None:
    if analyze := shutil.which("systemd-analyze"):
        call = [analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT)]
        looked = subprocess.run(call, capture_output=True, text=True, check=False)
        assert looked.returncode == 0, looked.stdout + looked.stderr
