"""What tests of every stage share."""

import gc
import os
from pathlib import Path

# pymatting's loops are compiled for twenty seconds each, and run in two seconds without on pictures as small as ours.
os.environ["NUMBA_DISABLE_JIT"] = "1"
# Several processes test at once, and threads that wait for each other at a processor that is taken burn its time.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import pytest
from support.repository import REPOSITORY

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("synthmat", deadline=None)
hypothesis.settings.load_profile("synthmat")


# Several workers take a file each: the longest ones first, or one of them runs alone at the end.
_LONGEST_FIRST = ("test_recipes_run.py", "test_networks.py", "test_matte.py", "test_whole_path.py", "test_thin.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tried = set()
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("cases_once"):
            test = (item.path, item.originalname)
            if test in tried:
                item.add_marker("once")
            tried.add(test)
    items.sort(key=lambda item: item.path.name not in _LONGEST_FIRST)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what stays to the end: modules and tests, hundreds of thousands of objects."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Give it all back: extension modules complain at the end of what nobody collects."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def free_data() -> Path:
    """Return the folder of free models and photos: SYNTHMAT_DATA, or shared/data beside the checkout.

    Tests that use it are marked ``data`` and skipped where the folder is not there.
    """
    folder = Path(os.environ.get("SYNTHMAT_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no free models and photos at {folder}; set SYNTHMAT_DATA to their folder")
    return folder
