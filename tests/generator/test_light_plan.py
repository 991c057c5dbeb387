"""Lights are drawn from named streams, weighted, and fitted to photos; what names no panorama is refused by name."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from synthmat.errors import AssetError, RecipeError
from synthmat.generator.photo_light import measure_tone
from synthmat.generator.plan import plan_render
from synthmat.recipe import parse_recipe
from synthmat.render_job import HdriLight, PhotoLight, RandomLight, SunSkyLight, ThreePointLight
from synthmat.storage.output_folder import OutputFolder

VARIED_SUN = "{sun_sky: {sun_elevation: {uniform: [2, 80]}, dust: {log_uniform: [0.3, 5]}}}"


def plan(folder, lights, *, count=1, seed=3, more=""):
    text = (
        f"name: x\nseed: {seed}\nobjects: [{{builtin: suzanne, count: {count}}}]\nrender: {{lights: {lights}}}\n{more}"
    )
    return plan_render(parse_recipe(text), folder, OutputFolder(folder / "out"))


def lights_of(folder, lights, **options) -> list[Any]:
    return [job.light for job in plan(folder, lights, **options)]


def photo(path: Path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path, **options)
    return path


def halves(left, right, size=(60, 80)):
    pixels = np.zeros((*size, 3))
    pixels[:, : size[1] // 2], pixels[:, size[1] // 2 :] = left, right
    return pixels


@pytest.mark.parametrize("key", ["three_point", "hdri", "sun_sky", "random", "match_photo"])
def test_every_kind_is_planned_as_numbers_under_its_recipe_key(tmp_path, key):
    more = f"composite: {{backgrounds: {tmp_path}}}\n"
    photo(tmp_path / "a.png", halves(90, 90))
    (light,) = lights_of(tmp_path, f"{{{key}: {{}}}}", more=more)
    assert light.kind == key
    assert json.loads(json.dumps(dataclasses.asdict(light)))


def test_the_plain_three_point_light_is_white_and_as_it_was(tmp_path):
    (light,) = lights_of(tmp_path, "{three_point: {}}")
    assert light == ThreePointLight(1.0, -40.0, 40.0, 0.4, 0.8, 1.5, 6500.0, 0.15)


def test_tints_color_each_lamp_by_itself(tmp_path):
    (light,) = lights_of(tmp_path, "{three_point: {fill_tint: {hue: 240, saturation: 1}}}")
    assert (light.key_color, light.fill_color) == ((1.0, 1.0, 1.0), (0.0, 0.0, 1.0))


def test_weights_decide_how_often_a_light_is_drawn(tmp_path):
    drawn = lights_of(tmp_path, "[{three_point: {}, weight: 9}, {weight: 1, sun_sky: {}}]", count=200)
    assert 8 <= sum(isinstance(light, SunSkyLight) for light in drawn) <= 34


def test_equal_weights_draw_as_no_weights_do(tmp_path):
    plain = lights_of(tmp_path, "[{three_point: {}}, {hdri: {}}]", count=20)
    assert lights_of(tmp_path, "[{three_point: {}, weight: 2}, {hdri: {}, weight: 2}]", count=20) == plain
    assert {type(light) for light in plain} == {ThreePointLight, HdriLight}


@pytest.mark.parametrize("lights", [VARIED_SUN, "{random: {}}"])
def test_a_light_depends_on_its_object_alone(tmp_path, lights):
    few, many = lights_of(tmp_path, lights, count=2), lights_of(tmp_path, lights, count=9)
    assert many[:2] == few
    assert len(set(many)) == 9


def test_random_lamps_have_their_number_and_together_one_strength(tmp_path):
    drawn = lights_of(tmp_path, "{random: {count: {uniform: [1, 6]}, strength: 2}}", count=60)
    assert all(isinstance(light, RandomLight) for light in drawn)
    assert {len(light.lamps) for light in drawn} == {1, 2, 3, 4, 5, 6}
    assert all(max(lamp.radiance for lamp in light.lamps) <= 1.0 + 1e-9 for light in drawn)
    assert all(light.lamps[0].radiance == pytest.approx(1.0) for light in drawn if len(light.lamps) == 1)


def test_a_further_random_lamp_moves_no_other(tmp_path):
    (two,), (three,) = (lights_of(tmp_path, f"{{random: {{count: {count}}}}}") for count in (2, 3))
    assert [lamp.azimuth for lamp in three.lamps[:2]] == [lamp.azimuth for lamp in two.lamps]
    assert [lamp.color for lamp in three.lamps[:2]] == [lamp.color for lamp in two.lamps]


AS_PHOTO = "{match_photo: {photos: photos, azimuth: 0}}"


@pytest.mark.parametrize(("left", "right", "side"), [(220, 20, -1), (20, 220, 1), (120, 120, 0)])
def test_the_lamp_stands_on_the_photos_bright_side_of_the_first_view(tmp_path, left, right, side):
    photo(tmp_path / "photos" / "a.png", halves(left, right))
    for start in (0, 130):
        text = f"{{lights: {AS_PHOTO}, views: {{turntable: {{start: {start}}}}}}}"
        recipe = parse_recipe(f"name: x\nobjects: [{{builtin: suzanne}}]\nrender: {text}\n")
        (job,) = plan_render(recipe, tmp_path, OutputFolder(tmp_path / "out"))
        turned = (job.light.lamps[0].azimuth - start + 180) % 360 - 180
        assert turned == pytest.approx(75 * side, abs=1e-6)


def test_light_from_above_comes_from_above(tmp_path):
    photo(tmp_path / "photos" / "a.png", np.transpose(halves(230, 20), (1, 0, 2)))
    (light,) = lights_of(tmp_path, AS_PHOTO)
    assert light.top_to_bottom > 0.9
    assert light.lamps[0].elevation > 60


def test_the_light_has_the_photos_color_by_degree_and_the_row_names_the_photo(tmp_path):
    path = photo(tmp_path / "photos" / "a.png", halves([200, 120, 60], [200, 120, 60]))
    red = {}
    for color in (0, 0.5, 1):
        (light,) = lights_of(tmp_path, f"{{match_photo: {{photos: photos, color: {color}}}}}")
        assert isinstance(light, PhotoLight)
        red[color] = light.ambient[0] / light.ambient[2]
        assert light.lamps[0].color[0] / light.lamps[0].color[2] == pytest.approx(red[color], rel=0.02)
    assert red[0] == 1.0 < red[0.5] < red[1] == pytest.approx(12, rel=0.1)
    assert light.photo == "photos/a.png"
    assert light.photo_color == pytest.approx((0.578, 0.188, 0.045), abs=0.002)
    assert len(light.photo_sha256) == 64
    assert path.exists()


def test_a_dark_photo_gives_less_light_but_never_none(tmp_path):
    strength = {}
    for level in (0, 20, 124, 250):
        photo(tmp_path / "photos" / "a.png", halves(level, level))
        (light,) = lights_of(tmp_path, AS_PHOTO)
        strength[level] = light.lamps[0].radiance
    assert 0.1 < strength[0] == strength[20] < strength[124] < strength[250] < 0.6
    assert strength[124] == pytest.approx(0.35, rel=0.02)


def test_backgrounds_are_those_of_the_recipe(tmp_path):
    for name in ("a", "b", "c"):
        photo(tmp_path / "mine" / f"{name}.jpg", halves(90, ord(name)))
    more = "composite: {backgrounds: mine, max_backgrounds: 2}\n"
    assert {light.photo for light in lights_of(tmp_path, "{match_photo: {}}", count=12, more=more)} == {
        "mine/a.jpg", "mine/b.jpg"
    }  # fmt: skip


def test_the_photos_that_come_along_serve_too(tmp_path):
    names = {light.photo for light in lights_of(tmp_path, "{match_photo: {photos: builtin}}", count=8)}
    assert len(names) > 3
    assert all(name.startswith(("skimage/", "sklearn/")) for name in names)


def test_a_photo_is_turned_as_its_exif_data_say(tmp_path):
    exif = Image.Exif()
    exif[274] = 6  # turn clockwise: what is stored at the left is the top
    path = photo(tmp_path / "a.jpg", halves(240, 10), exif=exif.tobytes())
    tone = measure_tone(path)
    assert tone.top_to_bottom > 0.9
    assert abs(tone.left_to_right) < 0.05


@pytest.mark.parametrize("mode", ["L", "1", "RGBA", "CMYK", "I;16", "P"])
def test_photos_of_every_mode_are_measured(tmp_path, mode):
    picture = Image.fromarray(np.full((40, 50, 3), 200, np.uint8))
    path = tmp_path / ("a.tif" if mode in ("CMYK", "I;16") else "a.png")
    (Image.fromarray(np.full((40, 50), 200 * 257, np.uint16)) if mode == "I;16" else picture.convert(mode)).save(path)
    expected = 0.578 if mode != "1" else measure_tone(path).luminance
    assert measure_tone(path).luminance == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("content", [b"", b"no picture", "half"])
def test_a_photo_that_cannot_be_read_is_named(tmp_path, content):
    path = photo(tmp_path / "photos" / "a.jpg", np.arange(120_000).reshape(200, 200, 3) % 251)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content == "half" else content)
    with pytest.raises(AssetError, match=r"a\.jpg"):
        lights_of(tmp_path, AS_PHOTO)


def test_photos_that_are_not_there_are_named(tmp_path):
    with pytest.raises(RecipeError, match=r"render\.lights: match_photo\.photos: no photo .*nowhere"):
        lights_of(tmp_path, "{match_photo: {photos: nowhere}}")


@pytest.mark.parametrize("name", ["a.hdr", "a.exr"])
def test_a_picture_that_is_only_called_a_panorama_is_refused(tmp_path, name):
    picture = photo(tmp_path / "a.png", halves(1, 2))
    (tmp_path / name).write_bytes(picture.read_bytes())
    with pytest.raises(RecipeError, match=rf"{name}: is no \.hdr or \.exr panorama"):
        lights_of(tmp_path, f"{{hdri: {{files: {name}}}}}")


def test_a_panorama_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecipeError, match=r"no panorama at .*none\.hdr"):
        lights_of(tmp_path, "{hdri: {files: none.hdr}}")


@pytest.mark.parametrize(
    ("lights", "what"),
    [
        ("{spot: {}}", "three_point, hdri, sun_sky, random, match_photo"),
        ("{weight: 2}", "three_point, hdri, sun_sky, random, match_photo"),
        ("[{three_point: {}, weight: 0}]", "greater than 0"),
        ("{random: {count: {uniform: [1, 9]}}}", "1 to 9 is outside 1 to 6"),
        ("{sun_sky: {sun_elevaton: 3}}", "did you mean sun_elevation"),
        ("{random: {}, wieght: 2}", "did you mean weight"),
    ],
)
def test_a_faulty_light_is_explained(tmp_path, lights, what):
    with pytest.raises(RecipeError, match=what):
        lights_of(tmp_path, lights)
