"""Exports in an object store: the bytes of an export to a folder, and only what is missing or has changed again."""

from __future__ import annotations

import uuid

import pytest
from support.stored_dataset import Stored

from synthmat import api
from synthmat.errors import OutputError
from synthmat.object_store.store import Store

pytest.importorskip("fsspec")
pytestmark = pytest.mark.once


@pytest.fixture
def address():
    place = f"memory://{uuid.uuid4().hex}"
    yield place
    Store(place).remove(Store(place).names())


def content(address) -> dict[str, bytes]:
    return {name: Store(address).read(name) for name in Store(address).names()}


@pytest.mark.parametrize("layout", ["webdataset", "modnet"])
def test_a_store_gets_the_files_that_a_folder_would(tmp_path, address, layout):
    stored = Stored(tmp_path / "out", ("image", "alpha", "trimap"))
    _, target = api.export_dataset(stored.root, layout, tmp_path / "folder", copy=True)
    expected = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
    result = api.export_to_store(stored.root, layout, address)
    assert result.made == len(expected) - 2
    assert content(address) == {name: path.read_bytes() for name, path in expected.items() if name != ".lock"}
    again = api.export_to_store(stored.root, layout, address)
    assert (again.made, again.kept) == (0, result.made)
    Store(address).remove([next(name for name in expected if name not in (".lock", "export.jsonl"))])
    again = api.export_to_store(stored.root, layout, address)
    assert (again.made, again.kept) == (1, result.made - 1)
    other = "modnet" if layout == "webdataset" else "webdataset"
    with pytest.raises(OutputError, match=f"holds an export to {layout}"):
        api.export_to_store(stored.root, other, address)


def test_what_is_in_the_way_is_named_and_nothing_is_touched(tmp_path, address):
    stored = Stored(tmp_path / "out", ("image", "alpha"))
    api.export_to_store(stored.root, "webdataset", address, samples_per_shard=1)
    before = content(address)
    with pytest.raises(OutputError, match=r"\.tar: is no longer in the data set"):
        api.export_to_store(stored.root, "webdataset", address)
    Store(address).write("mine.txt", b"x")
    with pytest.raises(OutputError, match=r"mine\.txt: is not of an earlier export"):
        api.export_to_store(stored.root, "webdataset", address, samples_per_shard=1)
    assert content(address) == before | {"mine.txt": b"x"}
