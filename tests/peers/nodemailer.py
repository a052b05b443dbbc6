"""nodemailer, from npm, in .peers/node: what most of Node's programs send with."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.peers import ROOT, UnavailableError

FOLDER = ROOT / ".peers" / "node"
_WANTED = "nodemailer@10"
_MODULES = FOLDER / "node_modules"


def bring() -> dict[str, str]:
    """Give the environment in which `node` finds it; it is fetched if it is not there yet."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise UnavailableError("There is no node or no npm.")
    if not (_MODULES / "nodemailer").is_dir():
        FOLDER.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--loglevel=error"]
        call = ["npm", "install", "--prefix", str(FOLDER), *quiet, _WANTED]
        fetched = subprocess.run(call, capture_output=True, text=True, check=False, timeout=300)
        if fetched.returncode:
            raise UnavailableError(f"npm failed: {fetched.stderr.strip()[-300:]}")
    return os.environ | {"NODE_PATH": str(_MODULES)}


def version() -> str:
    """Say which one it is, and which Node."""
    package = json.loads(Path(_MODULES / "nodemailer/package.json").read_text(encoding="utf-8"))
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{package['version']} on Node {node}"
