"""The pages as a browser finds them: links, escaping, faults, and every kind of folder."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from support.report_output import (
    OBJECTS,
    SIZE,
    disc,
    frame_row,
    make_dataset,
    make_renders,
    make_training,
    write_grey,
    write_rgba,
)

from synthmat import report
from synthmat.errors import OutputError, PassedOverWarning
from synthmat.report.inspect import inspect
from synthmat.storage.manifest import append_row, write_rows


class Shown(NamedTuple):
    """One picture of a page's grid."""

    files: dict[str, str]
    faults: list[str]
    groups: dict[str, str]
    facts: dict[str, str]


class Page(HTMLParser):
    """What a page holds: the addresses it links to, its words, its elements, and the data of its grid."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self._script: str | None = None
        self.scripts: dict[str, str] = {}
        self.feed(path.read_text(encoding="utf-8"))

    @property
    def gallery(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.scripts["gallery-data"])
        return data

    @property
    def entries(self) -> dict[str, Shown]:
        """What the grid shows, read as the page's script does."""
        data = self.gallery

        def column(name: str, place: int) -> dict[str, str]:
            return {key: values[at[place]] for key, (values, at) in data[name].items()}

        def files(place: int) -> dict[str, str]:
            patterns = data["patterns"][data["pattern"][place]]
            found = {kind: each for kind, each in zip(data["kinds"], patterns, strict=True) if each}
            return {kind: pattern.replace("*", data["stems"][place]) for kind, pattern in found.items()}

        return {
            title: Shown(
                files(place), data["faults"].get(str(place), []), column("filters", place), column("facts", place)
            )
            for place, title in enumerate(data["titles"])
        }

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.links += [value for key in ("href", "src") if (value := values.get(key)) and not value.startswith("data:")]
        if tag in ("script", "style"):
            self._script = values.get("id") or tag

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is None:
            self.words += data
        else:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data


def test_an_output_folder_gets_sheets_pages_and_a_report(output: Path) -> None:
    written = inspect(output)
    assert {path.relative_to(output).as_posix() for path in written} == {
        "renders/contact_sheet.png", "renders/index.html", "dataset/contact_sheet.png", "dataset/index.html",
        "training/index.html", "report.html",
    }  # fmt: skip
    assert all(path.stat().st_size for path in written)


@pytest.mark.parametrize(
    ("stage", "files"),
    [
        ("renders", {"contact_sheet.png", "index.html"}),
        ("dataset", {"contact_sheet.png", "index.html"}),
        ("training", {"index.html"}),
    ],
)
@pytest.mark.parametrize("renamed", [False, True])
def test_a_stages_folder_is_recognized_whatever_its_name(
    output: Path, stage: str, files: set[str], renamed: bool
) -> None:
    folder = output / stage
    if renamed:
        folder = folder.rename(output.parent / "of another name")
    assert {path.name for path in inspect(folder)} == files
    assert all(path.parent == folder for path in inspect(folder))


def test_a_single_training_without_a_name_is_recognized(tmp_path: Path) -> None:
    make_training(tmp_path / "out/training")
    assert [path.name for path in inspect(tmp_path / "out")] == ["index.html", "report.html"]
    assert "0.8765" in Page(tmp_path / "out/training/index.html").words


def test_a_running_training_shows_its_curves_and_names_what_is_to_come(tmp_path: Path) -> None:
    make_training(tmp_path / "training", finished=False)
    inspect(tmp_path)
    page = Page(tmp_path / "training/index.html")
    assert "polyline" in page.tags
    assert "samples.png" in page.words
    assert "0.9000" in page.words


def test_frames_of_an_interrupted_run_are_shown(tmp_path: Path) -> None:
    write_rgba(tmp_path / "renders/fox/0000.png", disc(0.3))
    append_row(tmp_path / "renders/.parts/a.jsonl", frame_row("fox", "0000"))
    inspect(tmp_path)
    assert list(Page(tmp_path / "renders/index.html").entries) == ["fox/0000"]


def test_a_folder_with_nothing_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"renders/manifest\.jsonl"):
        inspect(tmp_path)
    with pytest.raises(OutputError, match="no such folder"):
        inspect(tmp_path / "absent")


def test_a_run_of_which_everything_failed_still_gets_a_report(tmp_path: Path) -> None:
    write_rows(tmp_path / "failures.jsonl", [{"stage": "render", "job": "fox", "error": "fox.glb: empty"}])
    assert [path.name for path in inspect(tmp_path)] == ["report.html"]
    assert "fox.glb: empty" in Page(tmp_path / "report.html").words


def test_every_link_leads_to_a_file(output: Path) -> None:
    for path in inspect(output):
        if path.suffix != ".html":
            continue
        page = Page(path)
        links = list(page.links)
        if "gallery-data" in page.scripts:
            links += [address for entry in page.entries.values() for address in entry.files.values()]
            assert len(links) >= len(OBJECTS)
        for address in links:
            assert not re.search(r'[ #?"<>]', address), address
            assert (path.parent / unquote(address)).is_file(), address


def test_names_are_shown_and_never_become_markup(output: Path) -> None:
    inspect(output)
    for path in ("report.html", "renders/index.html", "dataset/index.html", "training/index.html"):
        page = Page(output / path)
        assert "i" not in page.tags, "a source in <i> became an element"
        assert "alert" not in page.scripts.get("script", ""), "a name became a script"
        assert page.tags.count("script") == (2 if "gallery-data" in page.scripts else 0)
        assert output.name in page.words
    renders = Page(output / "renders/index.html")
    assert "broken<b>" in renders.words
    assert {entry.rpartition("/")[0] for entry in renders.entries} == set(OBJECTS)
    assert {entry.groups["object"] for entry in Page(output / "dataset/index.html").entries.values()} == set(OBJECTS)
    assert "a<b" in Page(output / "training/index.html").words


def test_pages_need_nothing_from_the_network(output: Path) -> None:
    for path in inspect(output):
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            text = text.replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//|url\([\"']?https?:|@import|fetch\(", text)


def test_failures_stand_on_the_pages_of_their_stages_and_in_the_report(output: Path) -> None:
    inspect(output)
    errors = {"renders": "broken<b>.glb: no glTF", "dataset": "night.jpg: truncated", "training": "no longer a number"}
    for stage, error in errors.items():
        words = Page(output / stage / "index.html").words
        assert [other in words for other in errors.values()] == [other == error for other in errors.values()]
        assert error in Page(output / "report.html").words


def test_equal_failures_are_told_once_with_their_number(tmp_path: Path) -> None:
    make_renders(tmp_path, ["fox"])
    rows = [{"stage": "composite", "sample": f"s{i}", "error": "night.jpg: truncated"} for i in range(500)]
    write_rows(tmp_path / "failures.jsonl", rows)
    inspect(tmp_path)
    words = Page(tmp_path / "report.html").words
    assert words.count("night.jpg: truncated") == 1
    assert "500 failed" in words
    assert "495 more" in words


def test_bad_mattes_missing_and_broken_files_are_flagged_and_named(output: Path) -> None:
    renders = output / "renders/fox"
    write_rgba(renders / "0000.png", disc(0) * 0)
    write_rgba(renders / "0001.png", disc(0.3, x=0.1))
    (renders / "0002.png").unlink()
    (output / "renders/robot 01/0000.png").write_bytes(b"\x89PNG broken")
    inspect(output)
    page = Page(output / "renders/index.html")
    faults = {name: entry.faults for name, entry in page.entries.items() if entry.faults}
    assert faults == {
        "fox/0000": ["empty matte"],
        "fox/0001": ["touches the frame"],
        "fox/0002": ["file missing"],
        "robot 01/0000": ["not readable"],
    }
    for name in faults:
        assert name in page.words
    assert page.entries["fox/0002"].files == {}


def test_lost_and_empty_mattes_of_a_data_set_are_flagged_and_named(output: Path) -> None:
    folder = output / "dataset/train"
    write_grey(folder / "alpha/fox_000.png", disc(0) * 0)
    (folder / "alpha/fox_001.png").unlink()
    (folder / "images/robot 01_000.png").unlink()
    (folder / "fg/robot 01_001.png").unlink()
    inspect(output)
    page = Page(output / "dataset/index.html")
    faults = {name: entry.faults for name, entry in page.entries.items() if entry.faults}
    assert faults == {
        "fox_000": ["empty matte"],
        "fox_001": ["alpha: file missing"],
        "robot 01_000": ["image: file missing"],
        "robot 01_001": ["fg: file missing"],
    }
    for file in ("train/alpha/fox_001.png", "train/images/robot 01_000.png", "train/fg/robot 01_001.png"):
        assert file in page.words
    assert "train/fox_000: empty matte" in page.words


def test_every_kind_of_a_sample_is_shown_with_its_draws(tmp_path: Path) -> None:
    rows = make_dataset(tmp_path, ["a", "b", "c"])
    row = rows["train"][0]
    drawn = {"realism": {"haze": 0.5, "noise": 0.0}, "trimap": {"method": "kernel"}}
    row |= {"identity": "a family", "clip": "a_walk_000", "frame": 7, "shadowed": True, "others": "b:0000"}
    row |= {"licenses": "CC0-1.0; CC-BY-4.0", "drawn": json.dumps(drawn), "exact": True, "objects": 2}
    for kind in ("bg", "captured_bg", "trimap", "shadow"):
        row[f"{kind}_file_name"] = f"{kind}/{row['id']}.png"
        write_grey(tmp_path / "dataset/train" / row[f"{kind}_file_name"], disc(0.3))
    write_rows(tmp_path / "dataset/train/metadata.jsonl", rows["train"])
    inspect(tmp_path)
    page = Page(tmp_path / "dataset/index.html")
    shown = page.entries[row["id"]]
    assert shown.files == {
        kind: f"train/{'images' if kind == 'image' else kind}/{row['id']}.png"
        for kind in ("image", "alpha", "fg", "bg", "captured_bg", "trimap", "shadow")
    }
    assert shown.groups["object"] == "a family"
    assert shown.groups["license"] == "CC0-1.0; CC-BY-4.0"
    assert shown.groups["effect"] == "haze; contact shadow; stack"
    assert shown.groups["clip"] == "a_walk_000"
    assert (shown.facts["strengths"], shown.facts["frame"], shown.facts["equation"]) == ("haze 0.5", "7", "exact")
    assert "contact shadow" in page.words
    assert "2 objects" in page.words


def test_rows_with_hardly_anything_in_them_do_no_harm(tmp_path: Path) -> None:
    write_rgba(tmp_path / "renders/fox/0000.png", disc(0.3))
    write_rows(tmp_path / "renders/manifest.jsonl", [{"object": "fox", "view": "0000"}, {"object": "bear"}])
    write_rows(tmp_path / "dataset/train/metadata.jsonl", [{"id": "a"}, {"image_file_name": "b.png"}])
    write_rows(tmp_path / "training/metrics.jsonl", [{"epoch": 1}, {"epoch": 2, "val_loss": float("nan")}])
    (tmp_path / "training/summary.json").write_text("{", encoding="utf-8")
    with pytest.warns(PassedOverWarning) as told:
        assert len(inspect(tmp_path)) == 6
    assert "line 1 is passed over, since it has no files; so are 1 more" in str(told[0].message)


def test_what_more_pictures_than_are_measured_say_is_that_they_are_a_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthmat.report.stage_report.MEASURED_AT_MOST", 4)
    make_dataset(tmp_path, ["a", "b", "c"], each=5)
    inspect(tmp_path)
    page = Page(tmp_path / "dataset/index.html")
    assert "4 of 15 samples, drawn at random" in page.words
    assert len(page.entries) == 15


def test_a_second_inspection_writes_the_same(output: Path) -> None:
    first = {path: path.read_bytes() for path in inspect(output)}
    assert {path: path.read_bytes() for path in inspect(output)} == first


def test_a_large_data_set_has_a_bounded_sheet(tmp_path: Path) -> None:
    splits = make_dataset(tmp_path, ["a", "b", "c"], each=1)
    row = splits["train"][0]
    many = [dict(row, id=f"{row['id']}_{i}", object=f"object {i % 60}") for i in range(3000)]
    write_rows(tmp_path / "dataset/train/metadata.jsonl", many)
    inspect(tmp_path / "dataset")
    with Image.open(tmp_path / "dataset/contact_sheet.png") as sheet:
        assert sheet.width < 2000
        assert sheet.height < 3000
    assert (tmp_path / "dataset/contact_sheet.png").stat().st_size < 4_000_000
    assert len(Page(tmp_path / "dataset/index.html").entries) == 3002
    assert (tmp_path / "dataset/index.html").stat().st_size < 3_000_000


def test_many_objects_are_sampled_and_counted(tmp_path: Path) -> None:
    make_renders(tmp_path, ["fox"], views=1)
    shutil.copy(tmp_path / "renders/fox/0000.png", tmp_path / "renders/frame.png")
    rows = [
        frame_row(f"object{i:03d}", f"{view:04d}", files={"frame.png": "0"}) for i in range(60) for view in range(15)
    ]
    write_rows(tmp_path / "renders/manifest.jsonl", rows)
    inspect(tmp_path / "renders")
    with Image.open(tmp_path / "renders/contact_sheet.png") as sheet:
        assert 40 * 128 < sheet.height < 41 * 160
        assert 12 * 128 < sheet.width < 13 * 160
    assert "900" in Page(tmp_path / "renders/index.html").words


def test_a_folder_of_predictions_shows_each_beside_its_picture(tmp_path: Path) -> None:
    folder = tmp_path / "my mattes"
    write_rgba(tmp_path / "photos/fox.png", np.ones((SIZE, SIZE), np.float32))
    rows = []
    for name, source in (("fox", tmp_path / "photos/fox.png"), ("in/<b>", tmp_path / "photos/gone.png")):
        write_grey(folder / f"{name}_alpha.png", disc(0.3), bits=16)
        write_rgba(folder / f"{name}_cutout.png", disc(0.3))
        files = {f"{name}_alpha.png": "0", f"{name}_cutout.png": "0"}
        rows.append({"name": name, "input": str(source), "width": SIZE, "height": SIZE, "predictor": "best.pt",
                     "how": "whole", "files": files, "seconds": 0.5})  # fmt: skip
    write_rows(folder / "predictions.jsonl", rows)
    write_rows(folder / "failures.jsonl", [{"stage": "predict", "name": "owl", "error": "owl.jpg: truncated"}])
    sheet, path = inspect(folder)
    page = Page(path)
    for words in ("owl.jpg: truncated", "in/<b>", "best.pt"):
        assert words in page.words
    linked = {unquote(link) for link in page.links}
    assert {"fox_alpha.png", "in/<b>_cutout.png", "contact_sheet.png"} <= linked
    assert all((folder / link).exists() for link in linked)
    with Image.open(sheet) as picture:
        assert picture.width > 3 * SIZE
    shutil.rmtree(tmp_path / "photos")
    (folder / "fox_cutout.png").unlink()
    assert inspect(folder) == [sheet, path]


def test_cells_of_tables_break_between_words_only() -> None:
    style = (Path(report.__file__).parent / "page.css").read_text(encoding="utf-8")
    (rule,) = (line for line in style.splitlines() if line.startswith("th, td {"))
    assert "overflow-wrap: break-word" in rule
    assert "anywhere" not in rule
