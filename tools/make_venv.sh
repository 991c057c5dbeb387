#!/usr/bin/env bash
# Make or update a virtual environment with synthmat in it: tools/make_venv.sh FOLDER EXTRAS PYTHON_VERSION...
# It takes the first of the Python versions that is found, or the one that the variable PYTHON names, and the package
# versions of constraints.txt. Run it in the repository's root. Exit code 2: something is missing, and is named.
set -eu
venv=$1 extras=$2
shift 2
started=$SECONDS

if ! python=$(tools/find_python.sh "$@"); then
    {
        if [ -n "${PYTHON:-}" ]; then
            echo "PYTHON=$PYTHON is not one of the supported versions of Python: $*"
        else
            echo "no supported Python found; synthmat needs one of: $*"
        fi
        echo "(Blender publishes its long-term packages for these.) One of these gets it:"
        echo "  sudo apt-get install python3.11 python3.11-venv    (Debian 12; python3.13 on Debian 13)"
        echo "  sudo dnf install python3.13                        (Fedora)"
        echo "  brew install python@3.13                           (macOS)"
        echo "  pyenv install 3.13                                 (anywhere)"
        echo "If it lies in an unusual place, name it: make PYTHON=/path/to/python3.13"
    } >&2
    exit 2
fi
"$python" tools/system_packages.py

version=$("$python" -c "import sys; print('%d.%d' % sys.version_info[:2])")
echo "setting up $venv with Python $version ($python); the first time takes some minutes"
if ! "$venv/bin/python" -c "import sys, pip; assert '%d.%d' % sys.version_info[:2] == '$version'" 2>/dev/null; then
    "$python" -m venv --clear "$venv"
fi
install() { "$venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt "$@"; }
install --upgrade pip setuptools
# setuptools warns at every editable install of packages that lie side by side.
PYTHONWARNINGS=ignore install --no-build-isolation -e ".[$extras]"
touch "$venv/.installed"
echo "$venv is ready after $((SECONDS - started)) s"
