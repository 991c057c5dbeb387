"""A good data set passes; whatever is wrong with one is found, named, and nothing else is said to be wrong."""

from __future__ import annotations

import hashlib
import json

import cv2
import numpy as np
import pytest
from support.command_line import Answer, synthmat
from support.made_output import names

from synthmat.api import verify
from synthmat.errors import OutputError
from synthmat.storage.manifest import append_row, write_rows


def test_what_the_compositor_makes_is_fine(made):
    report = verify(made.root)
    assert report.well, report.text
    exact = sum(row["exact"] for row in made.rows)
    assert 0 < exact < 12
    assert "84 of 84 files of 12 samples (train 8, val 2, test 2)" in report.text
    assert f"{exact} of {exact} to 1 level" in report.text
    assert f"{12 - exact} samples: noise or compression artifacts on purpose" in report.text
    assert "the card says split by object" in report.text
    assert report.verdict.startswith("verdict: fine")


def test_missing_and_additional_files_are_named(made):
    row = made.of("val")
    made.path(row, "alpha").unlink()
    (made.dataset / "train/fg/mine.png").write_bytes(b"")
    faults = made.faults()
    assert faults == {"files/present": [f"val/{row['alpha_file_name']}"], "files/in no row": ["train/fg/mine.png"]}
    assert (made.dataset / "train/fg/mine.png").exists()


def test_changed_cut_off_and_unreadable_files_are_named_and_stop_nothing(made):
    changed, cut, folder = made.rows[0], made.rows[3], made.rows[5]
    pixels = made.pixels(changed, "captured_bg")
    pixels[0, 0] ^= 1
    cv2.imwrite(str(made.path(changed, "captured_bg")), pixels)
    path = made.path(cut, "image")
    path.write_bytes(path.read_bytes()[:-200])
    made.path(folder, "bg").unlink()
    made.path(folder, "bg").mkdir()
    faults = made.faults()
    assert set(faults) == {"files/checksum", "files/readable", "files/present"}
    assert len(faults["files/checksum"]) == 2
    assert "cannot be decoded" in faults["files/readable"][0]


def test_a_row_may_not_lack_a_checksum(made):
    made.rows[0]["trimap_sha256"] = ""
    made.write()
    assert "the row has no checksum" in made.faults()["files/checksum"][0]


@pytest.mark.parametrize(
    ("kind", "spoil", "words"),
    [
        ("image", lambda p: cv2.imencode(".jpg", p)[1].tobytes(), "is jpg"),
        ("bg", lambda p: p[:20], "the row says 40 x 40"),
        ("fg", lambda p: p[..., 0], "1 x 8 bit; a fg has 3 x 8 bit"),
        ("trimap", lambda p: p.astype(np.uint16) * 257, "1 x 16 bit; a trimap has 1 x 8 bit"),
    ],
)
def test_files_of_another_size_or_type_are_found(made, kind, spoil, words):
    made.store(made.rows[0], kind, spoil(made.pixels(made.rows[0], kind)))
    assert words in made.faults()["files/size and type"][0]


def test_an_image_off_its_equation_is_named_with_the_figure_the_worst_first(made):
    rows = [row for row in made.rows if row["exact"]][:2]
    for row, levels in zip(rows, (3, 9), strict=True):
        image = made.pixels(row, "image").astype(int)
        image[5, 5] += np.where(image[5, 5] > 128, -levels, levels)
        made.store(row, "image", image.astype(np.uint8))
    report = verify(made.root)
    faults = made.faults()["equation/exact"]
    assert [fault.split(":")[0] for fault in faults] == names(rows[::-1])
    assert "off by up to" in faults[0]
    worst = next(check.text for check in report.checks if check.title == "exact")
    assert any(f"largest residual {level} " in worst for level in (8, 9, 10))


def test_without_a_background_the_equation_is_not_checked_and_the_report_says_why(made):
    for row in made.rows:
        made.path(row, "bg").unlink()
        del row["bg_file_name"], row["bg_sha256"]
    made.write()
    assert made.faults() == {}
    assert f"{sum(row['clean'] for row in made.rows)} samples: no bg in the outputs" in verify(made.root).text


def test_jpeg_images_are_told_with_their_residual_and_do_not_fail(made):
    for row in made.rows:
        if row["clean"]:
            row["exact"] = False
            image = made.pixels(row, "image").astype(int)
            made.store(row, "image", np.clip(image + 7, 0, 255).astype(np.uint8))
    assert made.faults() == {}
    assert "levels on average, at most" in verify(made.root).text


def test_empty_mattes_and_masks_are_no_mattes(made):
    made.store(made.rows[0], "alpha", np.zeros((40, 40), np.uint16))
    assert names(made.rows[:1])[0] in made.faults()["alpha/not empty"][0]
    for row in made.rows:
        made.store(row, "alpha", np.where(made.pixels(row, "alpha") > 32767, 65535, 0).astype(np.uint16))
    assert "12 of 12 mattes are 0 or full everywhere" in made.faults()["alpha/fractional"][0]


def test_all_mattes_have_one_depth(made):
    row = made.rows[4]
    made.store(row, "alpha", (made.pixels(row, "alpha") // 257).astype(np.uint8))
    assert made.faults()["alpha/one depth"] == [f"{names([row])[0]}: 8 bit"]


def test_trimaps_hold_three_values_and_do_not_contradict_alpha(made):
    first, second, third = made.rows[:3]
    for row, level, place in ((first, 100, (0, 0)), (second, 255, None), (third, 0, None)):
        trimap, alpha = made.pixels(row, "trimap").copy(), made.pixels(row, "alpha")
        where = place or tuple(np.argwhere((alpha > 0) & (alpha < 65535))[0])
        trimap[where] = level
        made.store(row, "trimap", trimap)
    faults = made.faults()
    assert faults["trimap/values"] == [f"{names([first])[0]}: 1 pixels are not 0, 128 or 255"]
    assert [fault.split(": ")[1] for fault in faults["trimap/agrees with alpha"]] == [
        "1 pixels are foreground where alpha is not full",
        "1 pixels are background where alpha is above 0",
    ]


def test_a_shadow_that_the_row_does_not_know_is_found(made):
    made.store(made.rows[0], "shadow", np.full((40, 40), 9, np.uint8))
    assert made.faults() == {
        "shadow/as the row says": [f"{names(made.rows[:1])[0]}: has a shadow and the row says none"]
    }


@pytest.mark.parametrize(("column", "title"), [("identity", "identities"), ("background", "photos"), ("clip", "clips")])
def test_splits_share_no_identity_photo_or_clip(made, column, title):
    made.of("train")[column] = made.of("test")[column] = "shared one"
    made.write()
    assert made.faults() == {f"splits/{title}": ["shared one: train 1, test 1"]}


def test_what_stands_behind_counts_for_the_split_too(made):
    made.of("train")["distractors"] = f"{made.of('val')['object']}:{made.of('val')['view']}"
    made.write()
    (fault,) = made.faults()["splits/identities"]
    assert fault.startswith(made.of("val")["identity"])


def test_equal_images_in_two_splits_are_found_whatever_their_names(made):
    first, second = made.of("train"), made.of("test")
    for kind in ("image", "alpha", "fg", "bg", "captured_bg", "trimap", "shadow"):
        made.store(second, kind, made.path(first, kind).read_bytes())
    second |= {key: first[key] for key in ("clean", "exact")}
    made.write()
    faults = made.faults()
    assert faults["splits/equal images"] == [f"{names([first])[0]} = {names([second])[0]}"]
    assert "splits/equal backgrounds" in faults


def test_a_card_that_says_so_may_share(made):
    made.of("train")["identity"] = made.of("test")["identity"] = "shared one"
    made.write()
    card = made.dataset / "README.md"
    card.write_text(card.read_text().replace("split_by: object", "split_by: none"))
    assert made.faults() == {}
    card.unlink()
    assert "splits/identities" in made.faults()


def test_rows_that_are_doubled_broken_or_lead_outside_are_found(made):
    first = made.of("train")
    file = made.dataset / "train/metadata.jsonl"
    rows = [row for row in made.rows if row["split"] == "train"]
    outside = rows[1] | {"bg_file_name": "../../../secret.png"}
    write_rows(file, [*rows[:1], outside, *rows[2:], first])
    with file.open("a") as lines:
        lines.write('{"id": "half a r\n')
    said = " ".join(made.faults()["metadata/rows"])
    assert f"{first['id']}: listed twice" in said
    assert "../../../secret.png is no path inside" in said
    assert "1 lines cannot be read" in said


def test_columns_are_the_same_in_every_row(made):
    made.rows[7]["x"] = "left"
    made.rows[8]["more"] = 1
    made.write()
    faults = made.faults()["metadata/columns"]
    assert [fault.rpartition(": ")[2] for fault in faults] == ["x", "more"]


def test_rows_of_an_unfinished_run_are_told(made):
    append_row(made.dataset / ".parts/all-1.jsonl", made.rows[0])
    assert made.faults() == {}
    assert "1 rows are not in the metadata yet" in verify(made.root).text


def test_a_limit_opens_few_files_and_still_counts_all(made):
    for row in made.rows[1:]:
        made.path(row, "image").write_bytes(b"no picture")
    made.path(made.rows[9], "trimap").unlink()
    faults = made.faults(limit=1)
    assert set(faults) == {"files/present"}
    assert "1 of 12 samples read" in verify(made.root, limit=1).text
    assert len(made.faults()["files/readable"]) == 11


def test_frames_are_held_to_the_render_manifest(made):
    renders = made.root / "renders"
    rgba = cv2.imencode(".png", np.full((8, 8, 4), 200, np.uint8))[1].tobytes()
    rows = []
    for number in range(3):
        (renders / "fox").mkdir(parents=True, exist_ok=True)
        (renders / f"fox/{number:04d}.png").write_bytes(rgba)
        digest = hashlib.sha256(rgba).hexdigest()
        alpha = {"error": 0.003 + 0.003 * (number == 1), "wanted": 0.004}
        files = {f"fox/{number:04d}.png": digest}
        rows.append({"object": "fox", "view": f"{number:04d}", "files": files, "width": 8, "height": 8, "alpha": alpha})
    write_rows(renders / "manifest.jsonl", rows)
    (renders / "fox/0000.png").write_bytes(rgba + b"!")
    (renders / "fox/0002.png").unlink()
    (renders / "fox/0003.exr").write_bytes(b"old")
    assert made.faults() == {
        "renders/checksum": ["fox/0000.png: is not what was rendered"],
        "renders/present": ["fox/0002.png"],
        "renders/in no row": ["fox/0003.exr"],
        "renders/alpha error": ["fox/0001: 0.0060, wanted 0.004; raise render.max_alpha_samples"],
    }
    assert {check.section for check in verify(renders).checks} == {"renders"}


def test_the_command_prints_writes_json_and_tells_by_its_exit_code(made, tmp_path):
    def run(*more: str) -> Answer:
        return synthmat("verify", made.dataset, "-q", *more, folder=tmp_path)

    assert run().returncode == 0
    for row in made.rows:
        made.path(row, "shadow").unlink()
    result = run("--json", str(tmp_path / "findings.json"))
    assert result.returncode == 1
    assert "and 4 more (--json FILE names all)" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("verdict: FAULTY, 12 faults in files/present")
    written = json.loads((tmp_path / "findings.json").read_text())
    present = next(check for check in written["checks"] if check["title"] == "present")
    assert not written["well"]
    assert len(present["faults"]) == 12


def test_a_folder_without_anything_says_what_is_expected(tmp_path):
    with pytest.raises(OutputError, match=r"dataset/<split>/metadata\.jsonl"):
        verify(tmp_path)
    with pytest.raises(OutputError, match="no such folder"):
        verify(tmp_path / "absent")


@pytest.mark.parametrize("inside", [1, 0])
def test_a_mask_of_0_and_1_that_was_taken_for_a_matte_is_named(made, inside):
    row = made.exact
    shape = made.pixels(row, "alpha").shape
    rows, columns = np.indices(shape) - shape[0] / 2
    distance = np.hypot(rows, columns)
    # As read from a mask of labels: 1 of 255 inside, and a band to be ignored around it; or from one of 0 and 1.
    alpha = np.where(distance < 14, 257, np.where(distance < 16, 65535 * inside, 0)).astype(np.uint16)
    made.store(row, "alpha", alpha)
    (fault,) = made.faults()["alpha/to be seen"]
    assert fault.startswith(f"{names([row])[0]}: alpha is 1 of 255 on most of the object")
