"""An export goes on where it stopped, leads back to the data set and touches nothing that is not its own."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from support.command_line import synthmat
from support.stored_dataset import Stored, place, soft_alpha

from synthmat.api import export_dataset
from synthmat.errors import OutputError
from synthmat.layouts import exportable
from synthmat.storage.manifest import read_rows, write_rows


def files_below(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file below a folder with its inode and time of change."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("layout", exportable())
def test_the_list_leads_from_every_file_back_to_its_sample(tmp_path, layout):
    stored = Stored(tmp_path, clips=layout == "videomatte240k")
    _, target = export_dataset(stored.root, layout)
    rows = list(read_rows(target / "export.jsonl"))
    folders = [path for path in target.rglob("*") if path.is_dir()]
    empty = {path.relative_to(target).as_posix() for path in folders if not any(path.iterdir())}
    assert {row["file"] for row in rows} == set(files_below(target)) - {"export.jsonl", ".lock"} | empty
    assert {(row["split"], row["id"]) for row in rows if row["kinds"]} == set(stored.pixels)


@pytest.mark.parametrize("layout", exportable())
def test_a_second_export_keeps_every_file(tmp_path, layout):
    stored = Stored(tmp_path, clips=layout == "videomatte240k", bits=16)
    first, target = export_dataset(stored.root, layout)
    before = files_below(target)
    again, _ = export_dataset(stored.root, layout)
    assert (first.kept, again.made, again.kept) == (0, 0, first.made)
    assert files_below(target) == before


def test_an_export_goes_on_where_it_stopped(tmp_path):
    stored = Stored(tmp_path, bits=16)
    _, target = export_dataset(stored.root, "bgmv2")
    whole = files_below(target)
    lost = [target / "train" / "pha" / "fox-0010.png", target / "valid" / "fgr" / "png_owl-0003.png"]
    for path in lost:
        path.unlink()
    leftover = target / "train" / "pha" / ".fox-0010.123.tmp.png"
    leftover.write_bytes(b"half")
    result, _ = export_dataset(stored.root, "bgmv2")
    assert result.made == 2
    assert not leftover.exists()
    kept = {name: state for name, state in files_below(target).items() if target / name not in lost}
    assert kept == {name: state for name, state in whole.items() if target / name not in lost}


def test_only_samples_that_changed_are_exported_again(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"))
    _, target = export_dataset(stored.root, "birefnet")
    before = files_below(target)
    path = stored.folder / "val" / "alpha" / "png_owl-0003.png"
    path.unlink()
    place(path.parent, path.name, soft_alpha(np.random.default_rng(99)))
    rows = list(read_rows(stored.folder / "val" / "metadata.jsonl"))
    write_rows(
        stored.folder / "val" / "metadata.jsonl",
        [row | ({"alpha_sha256": "0" * 64} if row["id"] == "png_owl-0003" else {}) for row in rows],
    )
    result, _ = export_dataset(stored.root, "birefnet")
    after = files_below(target)
    changed = {name for name in after if after[name] != before[name]}
    assert result.made == 1
    assert changed == {"Matting-tests/TE-val/gt/png_owl-0003.png", "export.jsonl"}
    assert (target / "Matting-tests" / "TE-val" / "gt" / "png_owl-0003.png").read_bytes() == path.read_bytes()


def test_files_are_links_that_need_no_space_or_copies_that_can_be_edited(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"))
    source = stored.folder / "train" / "images" / "fox-0010.png"
    linked, target = export_dataset(stored.root, "birefnet")
    path = target / "Matting" / "TR-train" / "im" / "fox-0010.png"
    assert path.samefile(source)
    assert any("hard links" in note for note in linked.notes)
    copied, target = export_dataset(stored.root, "birefnet", copy=True)
    # The list of what is tested is made both times alike.
    assert copied.made == linked.made - 1
    assert not path.samefile(source)
    assert path.read_bytes() == source.read_bytes()


def test_files_are_copied_where_links_are_impossible_and_it_is_said(tmp_path, monkeypatch):
    def across(*_args, **_options):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", across)
    stored = Stored(tmp_path, ("image", "alpha"))
    result, target = export_dataset(stored.root, "birefnet")
    source = stored.folder / "train" / "images" / "fox-0010.png"
    path = target / "Matting" / "TR-train" / "im" / "fox-0010.png"
    assert path.read_bytes() == source.read_bytes()
    assert not path.samefile(source)
    assert any(f"{result.made - 1} files copied" in note for note in result.notes)


def test_what_a_symbolic_link_in_the_data_set_points_to_is_exported(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"))
    path = stored.folder / "train" / "images" / "fox-0010.png"
    path.rename(tmp_path / "elsewhere.png")
    path.symlink_to(tmp_path / "elsewhere.png")
    _, target = export_dataset(stored.root, "birefnet")
    exported = target / "Matting" / "TR-train" / "im" / "fox-0010.png"
    assert not exported.is_symlink()
    assert exported.samefile(tmp_path / "elsewhere.png")


def test_a_folder_with_other_things_in_it_is_refused_and_left_alone(tmp_path):
    stored = Stored(tmp_path)
    target = tmp_path / "mine"
    target.mkdir()
    (target / "thesis.txt").write_text("years")
    with pytest.raises(OutputError, match="is not empty and holds no earlier export"):
        export_dataset(stored.root, "bgmv2", target)
    assert set(files_below(target)) == {"thesis.txt"}


def test_a_file_of_the_users_in_an_export_is_never_overwritten(tmp_path):
    stored = Stored(tmp_path)
    _, target = export_dataset(stored.root, "birefnet")
    rows = [row for row in read_rows(target / "export.jsonl") if row["file"] != "Matting/TR-train/im/fox-0010.png"]
    write_rows(target / "export.jsonl", rows)
    mine = target / "Matting" / "TR-train" / "im" / "fox-0010.png"
    mine.unlink()
    mine.write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"fox-0010\.png: is there and not of an earlier export"):
        export_dataset(stored.root, "birefnet", target)
    assert mine.read_bytes() == b"mine"


def test_an_export_to_another_layout_is_refused(tmp_path):
    stored = Stored(tmp_path)
    export_dataset(stored.root, "birefnet", tmp_path / "e")
    with pytest.raises(OutputError, match="holds an export to birefnet"):
        export_dataset(stored.root, "bgmv2", tmp_path / "e")


def test_samples_that_are_gone_or_moved_to_another_split_do_not_stay_unnoticed(tmp_path):
    export_dataset(Stored(tmp_path / "a").root, "birefnet", tmp_path / "e")
    moved = Stored(tmp_path / "b", names={"train": ("fox-0010",), "test": ("fg_mug-0002",)})
    before = files_below(tmp_path / "e")
    with pytest.raises(OutputError, match="files of the earlier export are no longer in the data set"):
        export_dataset(moved.root, "birefnet", tmp_path / "e")
    assert files_below(tmp_path / "e") == before


def test_an_export_into_the_data_set_itself_is_refused(tmp_path):
    stored = Stored(tmp_path)
    with pytest.raises(OutputError, match="lies in the data set itself"):
        export_dataset(stored.root, "birefnet", stored.folder / "export")


@pytest.mark.parametrize(
    ("layout", "kinds", "missing"),
    [
        ("bgmv2", ("image", "alpha"), "fg"),
        ("rvm_eval", ("alpha", "fg"), "image"),
        ("composition_1k", ("image", "alpha", "trimap"), "fg, bg"),
        ("composition_1k", ("image", "alpha", "fg", "bg"), "trimap"),
        ("birefnet", ("image",), "alpha"),
    ],
)
def test_what_a_layout_lacks_is_named_as_the_recipe_calls_it(tmp_path, layout, kinds, missing):
    stored = Stored(tmp_path, kinds)
    with pytest.raises(OutputError, match=f"add {missing} to composite.outputs"):
        export_dataset(stored.root, layout)
    assert not (tmp_path / "exports").exists()


@pytest.mark.parametrize("image_format", ["png", "jpg"])
@pytest.mark.parametrize("layout", ["birefnet", "webdataset", "am_2k"])
def test_a_file_that_is_missing_in_the_data_set_is_named(tmp_path, layout, image_format):
    stored = Stored(tmp_path, ("image", "alpha"), image_format=image_format)
    path = stored.folder / "train" / "images" / f"fox-0010.{image_format}"
    path.unlink()
    with pytest.raises(OutputError, match=f"{path.name}: .*run `synthmat composite` again"):
        export_dataset(stored.root, layout)


def test_ids_that_are_no_file_names_are_refused(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"), names={"train": ("a",)})
    metadata = stored.folder / "train" / "metadata.jsonl"
    write_rows(metadata, [row | {"id": "../../a"} for row in read_rows(metadata)])
    with pytest.raises(OutputError, match=r"id '\.\./\.\./a'"):
        export_dataset(stored.root, "birefnet")


def test_the_command_says_what_it_did_and_what_is_wrong(tmp_path):
    stored = Stored(tmp_path / "output" / "mugs", ("image", "alpha"), bits=16)
    done = synthmat("export", "dataset", "output/mugs", "--layout", "birefnet", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "alpha rounded to 8 bits" in done.stdout
    assert "15 made, 0 kept" in done.stdout
    assert (stored.root / "exports" / "birefnet" / "Matting" / "TR-train" / "gt" / "fox-0010.png").is_file()
    wrong = synthmat("export", "dataset", "output/mugs", "--layout", "birefnett", folder=tmp_path)
    assert wrong.returncode == 2
    assert "'birefnett'" in wrong.stderr
    assert "'birefnet'" in wrong.stderr
    nothing = synthmat("export", "dataset", "output", "--layout", "birefnet", folder=tmp_path)
    assert nothing.returncode == 2
    assert "no data set there" in nothing.stderr
    assert "Traceback" not in wrong.stderr + nothing.stderr


def test_2000_samples_are_linked_in_a_few_seconds(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha", "fg", "bg"), names={"train": ("one",)})
    (row,) = read_rows(stored.folder / "train" / "metadata.jsonl")
    rows = []
    for number in range(2000):
        copies = {}
        for kind in ("image", "alpha", "fg", "bg"):
            source = stored.folder / "train" / row[f"{kind}_file_name"]
            name = f"{source.parent.name}/{number:05d}.png"
            os.link(source, stored.folder / "train" / name)
            copies[f"{kind}_file_name"] = name
        rows.append(row | {"id": f"{number:05d}"} | copies)
    write_rows(stored.folder / "train" / "metadata.jsonl", rows)
    started = time.perf_counter()
    result, _ = export_dataset(stored.root, "bgmv2")
    assert result.made == 8000
    assert time.perf_counter() - started < 20  # under two seconds on an idle machine
