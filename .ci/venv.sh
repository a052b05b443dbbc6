#!/bin/sh
# Makes .venv with pip in it, also where Debian's python3-venv is not installed and nobody is root.
set -eu
# The system's own comes first: it is kept safe by its updates, and one that was built by hand is often far slower.
python=""
for candidate in ${PYTHON:-/usr/bin/python3 python3 python3.11 python3.12 python3.13}; do
  if command -v "$candidate" >/dev/null 2>&1 &&
     "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Python 3.11 or newer is needed, and ${PYTHON:-here} is none (Debian: apt install python3)." >&2
  exit 1
fi

fetched=$(mktemp -d)
trap 'status=$?; rm -rf "$fetched"; [ "$status" = 0 ] || rm -rf .venv' EXIT
trap 'exit 130' INT TERM

if "$python" -m venv .venv >/dev/null 2>&1; then exit 0; fi

# Debian keeps pip's own wheel in a package of its own: fetch and unpack that, without installing it.
echo "Fetching pip (Debian's package, unpacked and not installed) ..."
give_up() {
  echo "pip is missing and could not be fetched. Install it (Debian: apt install python3-venv) and run make again." >&2
  exit 1
}
rm -rf .venv
"$python" -m venv --without-pip .venv || give_up
mkdir -p "$fetched/state/lists/partial" "$fetched/cache/archives/partial"
own() {
  apt-get -qq -o Dir::State="$fetched/state" -o Dir::State::Lists="$fetched/state/lists" \
    -o Dir::State::Status=/var/lib/dpkg/status -o Dir::Cache="$fetched/cache" -o Debug::NoLocking=true \
    -o APT::Sandbox::User="$(id -un)" -o APT::Update::Post-Invoke= -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}
own update >&2 || give_up
(cd "$fetched" && own download python3-pip-whl) >&2 || give_up
dpkg-deb --extract "$fetched"/python3-pip-whl_*.deb "$fetched/unpacked" || give_up
wheel=$(ls "$fetched"/unpacked/usr/share/python-wheels/pip-*.whl)
.venv/bin/python "$wheel/pip" install --quiet --no-index --disable-pip-version-check "$wheel" || give_up
