#!/usr/bin/env bash
# The whole suite, after those tests that touch Blender, NumPy and ImageMagick on the other supported Python, where it is.
# Exit code 1: something failed on either.
set -eu
# Not there again: planning and the card, which are text and numbers of ours, and what is marked "once".
elsewhere=(tests/blender_scenes tests/compositor -m "not once"
    --ignore tests/blender_scenes/models/test_free_models.py
    --ignore tests/compositor/planning --ignore tests/compositor/card)
# A file each, in the order of tests/conftest.py; a worker has one Blender for all of its files. One more than there are
# processors, since tests of crashes and limits wait.
processors=$(getconf _NPROCESSORS_ONLN)
workers=(-n $((processors < 4 ? processors + 1 : 4)) --dist loadfile --no-loadscope-reorder)

other=3.13
.venv/bin/python -c "import sys; sys.exit(sys.version_info[:2] != (3, 13))" && other=3.11
# Two hundred processes begin on the way: where this is set, each of them compiles the sources anew.
unset PYTHONDONTWRITEBYTECODE
# Memory that was given back to the system comes again as empty pages, one fault each: rather keep it.
export MALLOC_TRIM_THRESHOLD_=1000000000 MALLOC_MMAP_THRESHOLD_=1000000000
failed=""
if PYTHON="" tools/find_python.sh "$other" >/dev/null; then
    venv=.venv${other/./}
    make --no-print-directory PYTHON= "$venv/.installed"
    started=$SECONDS
    "$venv/bin/python" -m pytest -q "${workers[@]}" "${elsewhere[@]}" || failed="tests on Python $other failed"
    echo "rendering and compositing on Python $other took $((SECONDS - started)) s ${failed:+and FAILED}"
else
    echo "no Python $other on this machine: rendering and compositing are tested on one Python only"
fi
.venv/bin/python -m pytest --durations=25 "${workers[@]}" || failed="${failed:+$failed, and }tests failed"
if [ -n "$failed" ]; then
    echo "$failed; see above" >&2
    exit 1
fi
