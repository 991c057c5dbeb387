"""The preview with real Blender: every object on one sheet, and nothing of the data set touched."""

from pathlib import Path

import pytest
from PIL import Image
from support.executors import StayingExecutor

import synthmat
from synthmat.errors import AssetError
from synthmat.generator.plan import plan_render
from synthmat.generator.preview import small_job
from synthmat.report.preview import Previewed, report_preview
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder

RECIPE = """
name: trial
objects: [{builtin: suzanne}, {builtin: vase}, {model: broken.glb}]
render: {resolution: 32, views: {turntable: {count: 3}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recipe with a broken model, and renders that a preview must leave alone."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "recipe.yaml").write_text(RECIPE)
    (folder / "broken.glb").write_bytes(b"glTF\x02\x00\x00\x00 not really")
    renders = folder / "out" / "renders"
    renders.mkdir(parents=True)
    (renders / "manifest.jsonl").write_text('{"object": "old"}\n')
    (folder / "out" / "failures.jsonl").write_text('{"stage": "render", "job": "old", "error": "then"}\n')
    return folder


def preview(folder: Path, **options):
    options = {"workers": 1, "device": "cpu", "quiet": True, "executor": StayingExecutor()} | options
    return synthmat.preview(folder / "recipe.yaml", out=folder / "out", options=RunOptions(**options))


def outside(folder: Path) -> dict[str, bytes]:
    """Return all files that are not the preview's."""
    files = [path for path in (folder / "out").rglob("*") if path.is_file() and "preview" not in path.parts]
    return {str(path): path.read_bytes() for path in files if path.name != ".lock-merge"}


def test_every_object_is_on_the_sheet_and_what_failed_is_told(folder):
    before = outside(folder)
    first = preview(folder, limit=1)
    assert (first.made, first.kept) == (1, 0)
    assert first.page.read_text().count("not rendered yet</p>") == 2
    second = preview(folder)
    assert (second.made, second.kept, second.failed, second.exit_code) == (1, 1, 1, 1)
    third = preview(folder)
    assert (third.made, third.kept, third.failed) == (0, 2, 1)
    assert outside(folder) == before
    page = third.page.read_text()
    assert page.count("<figure>") == 3
    assert all(f"<b>{name}</b>" in page for name in ("suzanne", "vase", "broken"))
    (failure,) = read_rows(folder / "out" / "preview" / "failures.jsonl")
    assert "failed: " in page
    assert str(folder / "broken.glb") in page
    assert any("broken.glb" in note for note in third.notes)
    (sheet,) = third.sheets
    with Image.open(sheet) as picture:
        assert picture.width >= 3 * 160
    with Image.open(folder / "out" / "preview" / "suzanne" / "0000.png") as frame:
        assert (frame.mode, frame.size) == ("RGBA", (32, 32))
    assert failure["stage"] == "preview"


@pytest.mark.parametrize(("resolution", "small"), [("[1920, 1080]", (160, 90)), ("64", (64, 64))])
def test_a_small_job_keeps_light_framing_and_aspect(tmp_path, resolution, small):
    (tmp_path / "recipe.yaml").write_text(
        f"name: x\nobjects: [{{builtin: vase}}]\nrender: {{resolution: {resolution}, passes: [depth], bit_depth: 16}}"
    )
    (job,) = plan_render(*synthmat.api.open_recipe(tmp_path / "recipe.yaml", tmp_path / "out"))
    little = small_job(job)
    assert (little.settings.width, little.settings.height) == small
    assert (little.settings.samples, little.settings.passes, little.settings.margin) == (16, (), job.settings.margin)
    assert (little.light, little.look, little.views) == (job.light, job.look, job.views[:1])


def test_warnings_stand_beside_their_picture_and_two_hundred_objects_stay_readable(tmp_path):
    place = OutputFolder(tmp_path).preview
    place.renders.mkdir()
    Image.new("RGBA", (160, 160), (200, 60, 20, 128)).save(place.renders / "a.png")
    row = {"files": {"a.png": ""}, "warnings": ["no normals <given>"]}
    objects = [Previewed(f"object_{i:03d}", "x.glb", (160, 160), row) for i in range(200)]
    sheets, page = report_preview(objects, place, "many")
    assert [sheet.name for sheet in sheets] == ["contact_sheet_1.png", "contact_sheet_2.png"]
    for sheet in sheets:
        with Image.open(sheet) as picture:
            assert picture.width >= 10 * 160  # not scaled down
    text = page.read_text()
    assert text.count("warning: no normals &lt;given&gt;") == 200
    assert "touches the frame" in text
    report_preview(objects[:3], place, "few")
    assert [path.name for path in place.renders.glob("contact_sheet*")] == ["contact_sheet.png"]


def test_a_picture_that_cannot_be_read_is_told(tmp_path):
    place = OutputFolder(tmp_path).preview
    place.renders.mkdir()
    (place.renders / "a.png").write_bytes(b"no picture")
    try:
        _, page = report_preview([Previewed("a", "a.glb", (32, 32), {"files": {"a.png": ""}})], place, "one")
    except AssetError as error:
        pytest.fail(str(error))
    assert "not readable" in page.read_text()
