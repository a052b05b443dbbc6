#!/bin/sh
# Installs into .venv what a lock file names, checked by hash: `install.sh LOCK [OPTION OF UV ...]`.
# uv does in seconds what takes pip a minute. Of an index that pip was told of on this machine only pip knows; it also
# does it where there is no uv, or uv fails.
set -eu
lock=$1
shift
pip() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "$@"; }
is_told_of_an_index() { .venv/bin/python -m pip config list | grep -q '[.]index-url='; }
has_uv() { [ -x .venv/bin/uv ] || sed -n '/^uv==/,/[^\\]$/p' test.lock | pip --only-binary :all: -r /dev/stdin; }
with_uv() {
  .venv/bin/uv pip install --quiet --no-config --system-certs --python .venv/bin/python --require-hashes -r "$lock" "$@"
}

if is_told_of_an_index || ! has_uv || ! with_uv "$@"; then pip -r "$lock"; fi
