#!/bin/sh
# Makes .venv with pip in it, also where Debian's python3-venv is not installed and nobody is root.
set -eu
python=""
for candidate in python3 python3.11 python3.12 python3.13; do
  if command -v "$candidate" >/dev/null 2>&1 &&
     "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Python 3.11 or newer is needed (Debian: apt install python3)." >&2
  exit 1
fi

if "$python" -m venv .venv >/dev/null 2>&1; then exit 0; fi

# Debian keeps pip's own wheel in a package of its own: fetch and unpack that, without installing it.
rm -rf .venv
"$python" -m venv --without-pip .venv
fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
state="$fetched/state"
mkdir -p "$state/lists/partial" "$fetched/cache/archives/partial"
quiet="-qq -o Dir::State::Lists=$state/lists -o Dir::Cache=$fetched/cache -o Debug::NoLocking=1"
# shellcheck disable=SC2086
if ! { apt-get $quiet update && cd "$fetched" && apt-get $quiet download python3-pip-whl; } >&2; then
  rm -rf .venv
  echo "pip is missing and could not be fetched. Install it (Debian: apt install python3-venv) and run make again." >&2
  exit 1
fi
cd - >/dev/null
dpkg-deb -x "$fetched"/python3-pip-whl_*.deb "$fetched/unpacked"
wheel=$(ls "$fetched"/unpacked/usr/share/python-wheels/pip-*.whl)
.venv/bin/python "$wheel/pip" install --quiet --no-index --disable-pip-version-check "$wheel"
