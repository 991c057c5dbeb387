"""`synthmat predict` on folders of pictures."""

import json
import threading

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from support import command_line
from support.matting_checkpoint import write_checkpoint
from support.narrow_networks import narrow_deep_image_matting

import synthmat
from synthmat.errors import AssetError
from synthmat.images.photo_file import read_photo
from synthmat.layouts.folders import pictures
from synthmat.train.models.residual_unet import ResidualUNet
from synthmat.train.predict import inputs
from synthmat.train.predict import stage as predicting_module
from synthmat.train.predict.inputs import Partners, find_inputs
from synthmat.train.predict.outputs import write_cutout
from synthmat.train.predict.stage import PredictOptions

QUIET = PredictOptions(quiet=True)


@pytest.fixture
def checkpoint(tmp_path):
    return write_checkpoint(tmp_path / "best.pt")


@pytest.fixture
def photos(tmp_path):
    """Three photos in a folder, one of them in a subfolder and with an odd name."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name, size in {"a.png": (60, 40), "b.jpg": (50, 50), "more/über 1%.JPG": (40, 60)}.items():
        pixels = cv2.GaussianBlur(rng.integers(0, 256, (size[1], size[0], 3)).astype(np.uint8), (0, 0), 3)
        Image.fromarray(pixels).save(folder / name)
    return folder


def test_folders_are_done_at_full_size_and_resume(checkpoint, photos, tmp_path):
    out = tmp_path / "out"
    options = PredictOptions(quiet=True, bits=16)
    first = synthmat.predict(checkpoint, photos, out, background=photos / "b.jpg", options=options)
    assert (first.made, first.kept, first.failed) == (3, 0, 0)
    alpha = cv2.imread(str(out / "more/über 1%_alpha.png"), cv2.IMREAD_UNCHANGED)
    assert (alpha.shape, alpha.dtype) == ((60, 40), np.uint16)
    with Image.open(out / "a_cutout.png") as cutout, Image.open(out / "a_composite.jpg") as composite:
        assert (cutout.mode, cutout.size, composite.mode, composite.size) == ("RGBA", (60, 40), "RGB", (60, 40))
        assert "sRGB" in ImageCms.getProfileDescription(ImageCms.getOpenProfile(_profile(cutout)))
    again = synthmat.predict(checkpoint, photos, out, background=photos / "b.jpg", options=options)
    assert (again.made, again.kept) == (0, 3)
    (out / "a_alpha.png").write_bytes(b"damaged")
    Image.new("RGB", (30, 30), "red").save(photos / "b.jpg")
    changed = synthmat.predict(checkpoint, photos, out, options=options)
    assert (changed.made, changed.kept) == (3, 0)  # there is no background any more
    Image.new("RGB", (30, 30), "blue").save(photos / "b.jpg")
    one = synthmat.predict(checkpoint, photos, out, options=options)
    assert (one.made, one.kept) == (1, 2)
    rows = [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]
    assert [row["name"] for row in rows] == ["a", "b", "more/über 1%"]
    other = synthmat.predict(checkpoint, photos, out, options=PredictOptions(quiet=True, bits=8))
    assert (other.made, other.kept) == (3, 0)


def _profile(picture):
    import io

    return io.BytesIO(picture.info["icc_profile"])


def test_it_says_where_the_time_goes(checkpoint, photos, tmp_path):
    result = synthmat.predict(checkpoint, photos / "a.png", tmp_path / "out", options=PredictOptions(quiet=True))
    (row,) = (json.loads(line) for line in (tmp_path / "out/predictions.jsonl").read_text().splitlines())
    assert set(row["timings"]) == {"decode", "network", "encode", "color"}
    assert sum(row["timings"].values()) == pytest.approx(row["seconds"], abs=0.01)
    assert any(note.startswith("seconds a picture: decode 0.") for note in result.notes)


def test_turned_photos_come_out_upright_with_their_exif_data(checkpoint, tmp_path):
    upright = np.zeros((40, 64, 3), np.uint8)
    upright[:, :20] = [200, 30, 30]
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    Image.fromarray(np.rot90(upright)).save(tmp_path / "turned.png", exif=exif)
    Image.fromarray(upright).save(tmp_path / "upright.png")
    out = tmp_path / "out"
    synthmat.predict(checkpoint, [tmp_path / "turned.png", tmp_path / "upright.png"], out, options=QUIET)
    turned, straight = (cv2.imread(str(out / f"{name}_alpha.png"), 0) for name in ("turned", "upright"))
    np.testing.assert_array_equal(turned, straight)
    with Image.open(out / "turned_cutout.png") as cutout:
        assert cutout.size == (64, 40)
        assert cutout.getexif().get(0x010F) == "Camera"
        assert 0x0112 not in cutout.getexif()


def test_color_profiles_are_converted(tmp_path):
    gray = Image.new("L", (8, 8), 128)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # A profile whose red is sRGB's green and the other way round, under another name.
    swapped = srgb.replace(b"rXYZ", b"-XYZ", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"-XYZ", b"gXYZ", 1)
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "RGRB".encode("utf-16-be"))
    plain = Image.new("RGB", (8, 8), (100, 150, 200))
    plain.save(tmp_path / "srgb.png", icc_profile=srgb)
    gray.save(tmp_path / "gray.png")
    plain.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100)
    plain.save(tmp_path / "swapped.png", icc_profile=swapped)
    assert read_photo(tmp_path / "srgb.png").pixels[0, 0].tolist() == [100, 150, 200]
    assert read_photo(tmp_path / "gray.png").pixels[0, 0].tolist() == [128, 128, 128]
    assert np.abs(read_photo(tmp_path / "cmyk.jpg").pixels[0, 0].astype(int) - [100, 150, 200]).max() < 6
    assert np.abs(read_photo(tmp_path / "swapped.png").pixels[0, 0].astype(int) - [150, 100, 200]).max() <= 1


def test_broken_pictures_are_named_the_others_done(checkpoint, photos, tmp_path):
    (photos / "broken.jpg").write_bytes((photos / "b.jpg").read_bytes()[:200])
    (photos / "text.png").write_text("no picture")
    out = tmp_path / "out"
    command = ["predict", checkpoint, photos, "--out", out, "-q"]
    done = command_line.synthmat(*command, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "3 made, 0 kept, 2 failed" in done.stdout
    failures = [json.loads(line) for line in (out / "failures.jsonl").read_text().splitlines()]
    assert {row["name"] for row in failures} == {"broken", "text"}
    assert all(str(photos) in row["error"] for row in failures)
    (photos / "broken.jpg").unlink()
    (photos / "text.png").unlink()
    assert command_line.synthmat(*command, folder=tmp_path).returncode == 0
    assert not (out / "failures.jsonl").exists()


def test_trimaps_and_captured_backgrounds_go_with_pictures_of_their_name(photos, tmp_path, monkeypatch):
    narrow_deep_image_matting(monkeypatch)
    network = write_checkpoint(tmp_path / "dim.pt", "deep_image_matting_28", width=None)
    with pytest.raises(AssetError, match="--trimap"):
        synthmat.predict(network, photos, tmp_path / "out", options=QUIET)
    trimaps = tmp_path / "trimaps"
    trimaps.mkdir()
    trimap = np.full((40, 60), 128, np.uint8)
    trimap[:10], trimap[-10:] = 255, 0
    cv2.imwrite(str(trimaps / "a.png"), trimap)
    cv2.imwrite(str(trimaps / "b.png"), trimap)
    result = synthmat.predict(network, photos, tmp_path / "out", trimap=trimaps, options=QUIET)
    assert (result.made, result.failed) == (1, 2)
    assert any("50x50" in note and "60x40" in note for note in result.notes)
    assert any("no trimap called über 1%" in note for note in result.notes)
    alpha = cv2.imread(str(tmp_path / "out/a_alpha.png"), 0)
    assert (alpha[:10] == 255).all()
    assert (alpha[-10:] == 0).all()


def test_cutouts_are_optional_and_may_be_webp(checkpoint, photos, tmp_path):
    out = tmp_path / "out"
    synthmat.predict(checkpoint, photos / "a.png", out, options=PredictOptions(quiet=True, format="webp"))
    with Image.open(out / "a_cutout.webp") as cutout:
        assert cutout.mode == "RGBA"
        np.testing.assert_array_equal(np.asarray(cutout)[..., 3], cv2.imread(str(out / "a_alpha.png"), 0))
    synthmat.predict(checkpoint, photos / "b.jpg", out, options=PredictOptions(quiet=True, foreground=False))
    assert not list(out.glob("b_cutout*"))
    with pytest.raises(AssetError, match="png or webp"):
        PredictOptions(format="gif")


def test_namesakes_get_names_of_their_own_and_results_are_no_inputs(photos):
    (photos / "a.jpg").write_bytes((photos / "b.jpg").read_bytes())
    (photos / "results").mkdir()
    (photos / "results" / "a_cutout.png").write_bytes((photos / "a.png").read_bytes())
    (photos / ".hidden.png").write_bytes((photos / "a.png").read_bytes())
    found = find_inputs([photos, photos / "b.jpg"], photos / "results")
    assert [each.name for each in found] == ["a", "a_png", "b", "more/über 1%"]
    with pytest.raises(AssetError, match="no such file"):
        find_inputs([photos / "absent.png"], photos / "results")


def test_pictures_are_worked_on_side_by_side_and_predicted_one_by_one(checkpoint, photos, tmp_path, monkeypatch):
    together = threading.Barrier(3)
    predicting = threading.Lock()
    alone = []

    def write(*arguments):
        together.wait(timeout=60)
        write_cutout(*arguments)

    def predict(network, image):
        alone.append(predicting.acquire(blocking=False))
        try:
            return real(network, image)
        finally:
            predicting.release()

    real = ResidualUNet.forward
    monkeypatch.setattr(ResidualUNet, "forward", predict)
    monkeypatch.setattr(predicting_module, "write_cutout", write)
    monkeypatch.setattr(predicting_module, "default_workers", lambda: 3)
    assert synthmat.predict(checkpoint, photos, tmp_path / "out", options=QUIET).made == 3
    assert alone == [True] * 3


@pytest.mark.parametrize("threads", [1, 4])
def test_the_limit_counts_new_pictures_and_order_changes_nothing(checkpoint, photos, tmp_path, monkeypatch, threads):
    monkeypatch.setattr(predicting_module, "default_workers", lambda: threads)
    out = tmp_path / "out"
    (photos / "aa.png").write_text("no picture")
    limited = PredictOptions(quiet=True, limit=1)
    made = [synthmat.predict(checkpoint, photos, out, options=limited).made for _ in range(4)]
    assert made == [1, 1, 1, 0]
    rows = [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]
    assert [row["name"] for row in rows] == ["a", "b", "more/über 1%"]
    assert [row["name"] for row in map(json.loads, (out / "failures.jsonl").read_text().splitlines())] == ["aa"]


def test_what_is_finished_when_a_run_dies_is_kept(checkpoint, photos, tmp_path, monkeypatch):
    def die(path, *arguments):
        if path.name.startswith("über"):
            raise KeyboardInterrupt
        write_cutout(path, *arguments)

    monkeypatch.setattr(predicting_module, "write_cutout", die)
    with pytest.raises(KeyboardInterrupt):
        synthmat.predict(checkpoint, photos, tmp_path / "out", options=QUIET)
    monkeypatch.undo()
    again = synthmat.predict(checkpoint, photos, tmp_path / "out", options=QUIET)
    assert (again.made, again.kept) == (1, 2)


def test_results_among_the_pictures_are_no_inputs(checkpoint, photos):
    first = synthmat.predict(checkpoint, photos, photos, background=photos / "b.jpg", options=QUIET)
    again = synthmat.predict(checkpoint, photos, photos, background=photos / "b.jpg", options=QUIET)
    assert [(result.made, result.kept, result.failed) for result in (first, again)] == [(3, 0, 0), (0, 3, 0)]
    (photos / "a_alpha.png").write_bytes(b"damaged")
    (photos / "b.jpg").unlink()
    assert [each.name for each in find_inputs([photos], photos)] == ["a", "more/über 1%"]
    given = [path for path in sorted(photos.iterdir()) if path.suffix in (".png", ".jpg")]
    third = synthmat.predict(checkpoint, given, photos, options=QUIET)
    assert (third.made, third.kept, third.failed) == (1, 0, 0)
    assert [each.name for each in find_inputs([photos], photos)] == ["a", "more/über 1%"]


def test_results_of_another_run_in_the_folder_are_no_inputs(checkpoint, photos):
    synthmat.predict(checkpoint, photos, photos / "one", options=QUIET)
    second = synthmat.predict(checkpoint, photos, photos / "two", options=QUIET)
    assert (second.made, second.failed) == (3, 0)
    with pytest.raises(AssetError, match=r"one: no pictures .* in this folder but 6 that predict wrote"):
        find_inputs([photos / "one"], photos / "three")
    with pytest.raises(AssetError, match="predict wrote all of it"):
        find_inputs([photos / "one" / "a_alpha.png"], photos / "one")


def test_a_picture_whose_place_a_result_would_take_is_not_overwritten(checkpoint, photos):
    mine = photos / "a_alpha.png"
    mine.write_bytes((photos / "a.png").read_bytes())
    with pytest.raises(AssetError, match=r"a_alpha\.png: a result of .*a\.png would take its place; choose another"):
        synthmat.predict(checkpoint, photos, photos, options=QUIET)
    assert mine.read_bytes() == (photos / "a.png").read_bytes()
    assert synthmat.predict(checkpoint, photos, photos / "results", options=QUIET).made == 4


def test_a_folder_of_trimaps_is_looked_through_once(photos, monkeypatch):
    walks = []
    monkeypatch.setattr(inputs, "pictures", lambda folder: walks.append(folder) or pictures(folder))
    trimaps = Partners("trimap", photos)
    for picture in find_inputs([photos], photos / "results"):
        assert trimaps.of(picture) == trimaps.some(picture) == picture.path
    assert walks == [photos]


def test_a_folder_of_backgrounds_serves_every_picture_always_the_same(photos):
    backgrounds = Partners("background", photos)
    pictures = find_inputs([photos], photos / "results")
    assert backgrounds.some(pictures[0]) == photos / "a.png"
    stranger = type(pictures[0])("stranger", photos / "stranger.png")
    assert backgrounds.some(stranger) == backgrounds.some(stranger)
    with pytest.raises(AssetError, match="no background called stranger"):
        backgrounds.of(stranger)


def test_a_background_may_be_a_color(checkpoint, photos, tmp_path):
    def run(color):
        return synthmat.predict(
            checkpoint, photos / "a.png", tmp_path / "out", background=color, foreground=False, quiet=True
        )

    assert run("#2d6cdf").made == 1
    assert (run("#2D6CDF").made, run("#ffffff").made) == (1, 1)
    matte = np.asarray(Image.open(tmp_path / "out/a_alpha.png"))
    found = np.asarray(Image.open(tmp_path / "out/a_composite.jpg")).astype(int)
    assert np.abs(found[matte == 0] - 255).max(initial=0) < 20
    with pytest.raises(AssetError, match="#2d6cd: no such file"):
        run("#2d6cd")


def test_what_is_given_and_not_used_is_said(photos, tmp_path):
    result = synthmat.predict(
        "baseline:centre", photos / "a.png", tmp_path / "out", captured_bg=photos / "a.png", trimap=photos / "a.png",
        captured_seconds=(0, 1), quiet=True,
    )  # fmt: skip
    told = " ".join(result.notes)
    assert "--captured-bg is not used: baseline:centre" in told
    assert "baseline:centre+trimap may take one" in told
    assert "--captured-seconds is of clips" in told


def test_what_else_is_in_a_file_is_said(photos, tmp_path):
    first, second = (np.full((20, 20, 4), level, np.uint8) for level in (90, 200))
    first[..., 3] = 255
    first[:9, :, 3] = 0
    Image.fromarray(first).save(photos / "moving.webp", save_all=True, append_images=[Image.fromarray(second)])
    Image.fromarray(second[..., :3]).save(photos / "one.gif")
    Image.fromarray(np.dstack([second[..., :3], np.full((20, 20), 255, np.uint8)])).save(photos / "opaque.png")
    result = synthmat.predict("baseline:centre", [photos, photos / "one.gif"], tmp_path / "out", quiet=True)
    told = [note for note in result.notes if note.startswith(("moving", "one", "opaque"))]
    assert told[0] == (
        "moving: the first of 2 pictures in the file is used, and what is transparent in it is put on white"
    )
    assert told[1].endswith("convert GIF, JPEG XL, Photoshop and the like to PNG or JPEG")
    assert len(told) == 2


def test_no_limit_of_megapixels(photos, tmp_path):
    found = synthmat.predict("baseline:centre", photos / "a.png", tmp_path, max_megapixels=float("inf"), quiet=True)
    assert found.made == 1
