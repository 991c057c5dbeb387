#!/usr/bin/env bash
# Print the path of a Python of one of the given versions: tools/find_python.sh 3.11 3.13
# The variable PYTHON, where set, names the one to take. Exit code 1: there is none.
set -u

# The interpreter behind a name: not a pyenv shim, nor an activated virtual environment. $2 is a module it has to have.
behind() {
    "$1" -c "
import os, sys, $2
version = '%d.%d' % sys.version_info[:2]
if version in '$versions'.split():
    real = os.path.join(sys.base_prefix, 'bin', 'python' + version)
    print(real if os.path.exists(real) else sys.executable)" 2>/dev/null
}

versions="$*"
if [ -n "${PYTHON:-}" ]; then
    candidates=("$PYTHON")
else
    candidates=(python3)
    for version in "$@"; do
        candidates+=("python$version")
        for pyenv in "${PYENV_ROOT:-}" "$HOME/.pyenv"; do
            for folder in "$pyenv/versions/$version".*; do
                [ -x "$folder/bin/python" ] && candidates+=("$folder/bin/python")
            done
        done
    done
fi

# Debian's own Python lacks ensurepip until python3-venv is installed: such a one is the second choice.
for module in ensurepip sys; do
    for candidate in "${candidates[@]}"; do
        found=$(behind "$candidate" "$module")
        if [ -n "$found" ]; then
            echo "$found"
            exit 0
        fi
    done
done
exit 1
