"""Every kind of light exposes well, has the colors it is asked for, and is the same in every Blender."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session

from synthmat.blender_scenes.light.irradiance import exposure_factor, panorama_directions, white_sphere
from synthmat.blender_scenes.light.sky_model import Atmosphere, sky_radiance, sun_light
from synthmat.errors import AssetError
from synthmat.render_job import AreaLamp, HdriLight, Light, PhotoLight, RandomLight, SunSkyLight, ThreePointLight

WHITE = (1.0, 1.0, 1.0)
SUN = SunSkyLight(
    strength=1.0, sun_azimuth=-30.0, sun_elevation=35.0, sun_size=0.53, sun_strength=1.0, sky_strength=1.0,
    air=1.0, dust=1.0, ground=0.25,
)  # fmt: skip
THREE = ThreePointLight(1.0, -40.0, 40.0, 0.4, 0.8, 1.5, 6500.0, 0.15)
OWN = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")


def make_white(path: str) -> None:
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=24)
    bpy.context.object.data.materials.append(blender_session._paint((0.9, 0.9, 0.9)))
    bpy.ops.object.shade_smooth()
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)


def light_emitted() -> list[tuple[str, list[float]]]:
    """Return the light of each lamp of the scene: energy by channel."""
    import bpy

    lamps = [item for item in bpy.context.scene.objects if item.type == "LIGHT"]
    return [(item.data.type, [item.data.energy * channel for channel in item.data.color]) for item in lamps]


@pytest.fixture(scope="module")
def white(blender: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lights") / "white.blend"
    blender(make_white, str(path))
    return path


def shades(studio: Any, white: Path, light: Light, **options: Any) -> np.ndarray[Any, Any]:
    """Return the sphere's opaque pixels (n, 3), 0..1."""
    options = {"samples": 32, "width": 32, "height": 32, "elevation": 10.0} | options
    _, (pixels,) = studio.render(white, light=light, **options)
    return np.asarray(pixels[pixels[:, :, 3] == 255][:, :3] / 255)


def well_exposed(pixels: np.ndarray[Any, Any]) -> bool:
    bright = np.percentile(pixels.max(axis=1), 90)
    return bool(0.5 < bright <= 1.0 and (pixels >= 1.0).mean() < 0.12 and np.median(pixels) > 0.2)


@pytest.mark.cases_once
@pytest.mark.parametrize("name", OWN)
def test_every_own_panorama_exposes_well_when_normalized(studio: Any, white: Path, name: str) -> None:
    assert well_exposed(shades(studio, white, HdriLight(name, 0.0, 1.0, normalize=True)))


def test_a_panorama_as_it_comes_may_be_dark(studio: Any, white: Path) -> None:
    assert not well_exposed(shades(studio, white, HdriLight("night", 0.0, 1.0)))


def test_strength_counts_in_a_normalized_panorama(studio: Any, white: Path) -> None:
    one, half = (shades(studio, white, HdriLight("city", 0.0, s, normalize=True)).mean() for s in (1.0, 0.25))
    assert half < 0.65 * one


def test_saturation_and_tint_color_a_panorama(studio: Any, white: Path) -> None:
    light = HdriLight("sunset", 0.0, 1.0, normalize=True)
    as_it_is = shades(studio, white, light).mean(axis=0)
    gray = shades(studio, white, dataclasses.replace(light, saturation=0.0)).mean(axis=0)
    green = shades(studio, white, dataclasses.replace(light, tint=(0.2, 1.0, 0.2))).mean(axis=0)
    assert np.ptp(as_it_is) > 0.02
    assert np.ptp(gray) < 0.01
    assert green[1] > 1.5 * max(green[0], green[2])


@pytest.mark.cases_once
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sun_elevation": 0.0},
        {"sun_elevation": 3.0},
        {"sun_elevation": 90.0},
        {"sun_strength": 0.0},
        {"sky_strength": 0.0},
        {"air": 0.0, "dust": 0.0},
        {"air": 10.0, "dust": 10.0},
    ],
)
def test_sun_and_sky_expose_well_at_any_hour(studio: Any, white: Path, changes: dict[str, float]) -> None:
    assert well_exposed(shades(studio, white, dataclasses.replace(SUN, **changes)))


def test_the_sun_shines_from_where_it_stands(studio: Any, white: Path) -> None:
    sides = {}
    for azimuth in (-70.0, 70.0):
        light = dataclasses.replace(SUN, sun_azimuth=azimuth, sun_elevation=15.0)
        _, (pixels,) = studio.render(white, light=light, samples=16)
        sides[azimuth] = pixels[:, :32, :3].mean() - pixels[:, 32:, :3].mean()
    assert sides[-70.0] > 10
    assert sides[70.0] < -10


@pytest.mark.parametrize(
    ("changes", "azimuths"), [({"sun_strength": 0.0}, (-30.0, 150.0)), ({"sky_strength": 0.0, "ground": 0.0}, (60.0,))]
)
def test_cycles_sees_the_sun_and_sky_that_the_formula_says(
    studio: Any, blender: Any, white: Path, changes: dict[str, float], azimuths: tuple[float, ...]
) -> None:
    """What a white sphere shows is computed from the same numbers; a mirrored or turned sky would show."""
    light = dataclasses.replace(SUN, **changes)
    for azimuth in azimuths:
        expected = blender(sphere_by_formula, light, azimuth, 10.0)
        assert shades(studio, white, light, samples=64, azimuths=(azimuth,)).mean(axis=0) == pytest.approx(
            expected, abs=0.04
        )


def sphere_by_formula(light: SunSkyLight, azimuth: float, elevation: float) -> list[float]:
    """Return the mean sRGB color of a sphere of white paint (0.9) as a far camera sees it."""
    from synthmat.blender_scenes.camera.orbit import orbit_matrix
    from synthmat.blender_scenes.light.irradiance import sphere_directions
    from synthmat.blender_scenes.light.sun_sky import sun_and_sky

    sky, sun = sun_and_sky(light)
    toward = orbit_matrix(light.sun_azimuth, light.sun_elevation, 1.0)[:3, 3]
    seen = sphere_directions(256) @ orbit_matrix(azimuth, elevation, 1.0)[:3, 3]
    seen[seen < 0.38] = 0  # the rim's pixels are not opaque at 32 px
    linear = np.clip(0.9 * white_sphere(sky, sun, toward), 0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return [float(channel) for channel in (srgb * seen[:, None]).sum(axis=0) / seen.sum()]


def test_a_light_that_gives_none_is_an_error(studio: Any, white: Path) -> None:
    with pytest.raises(AssetError, match="neither the sun nor the sky"):
        shades(studio, white, dataclasses.replace(SUN, sun_strength=0.0, sky_strength=0.0))


def test_random_lamps_shine_in_their_color_from_their_side(studio: Any, white: Path) -> None:
    lamps = (AreaLamp(-80.0, 0.0, 0.4, 2.0, (1.0, 0.1, 0.1)), AreaLamp(80.0, 0.0, 0.4, 2.0, (0.1, 0.1, 1.0)))
    _, (pixels,) = studio.render(white, light=RandomLight(lamps, (0.05,) * 3), samples=16)
    left, right = pixels[20:44, 8:24, :3].mean(axis=(0, 1)), pixels[20:44, 40:56, :3].mean(axis=(0, 1))
    assert left[0] > 1.5 * left[2]
    assert right[2] > 1.5 * right[0]


def test_a_photos_light_has_its_ambient_color_and_its_lamp(studio: Any, white: Path) -> None:
    lamp = AreaLamp(0.0, 40.0, 0.35, 3.0, WHITE)
    light = PhotoLight("a.jpg", "0" * 64, WHITE, 0.0, 0.0, (lamp,), (0.1, 0.25, 0.1))
    pixels = shades(studio, white, light)
    assert well_exposed(pixels)
    assert (pixels.mean(axis=0)[1] > pixels.mean(axis=0)[[0, 2]]).all()
    dark = shades(studio, white, light, azimuths=(180.0,), elevation=-40.0).mean(axis=0)
    assert dark[1] > 1.3 * dark[0]


def test_a_row_names_the_kind_and_holds_every_number(studio: Any, white: Path) -> None:
    rows, _ = studio.render(white, light=SUN)
    assert rows[0]["light"] == {"kind": "sun_sky", **dataclasses.asdict(SUN)}


def test_tints_multiply_the_lamps_of_a_three_point_light(studio: Any, blender: Any, white: Path) -> None:
    light = dataclasses.replace(THREE, temperature=3000.0, key_color=(0.5, 1.0, 1.0), rim_color=(0.0, 1.0, 0.0))
    emitted = []
    for one in (dataclasses.replace(light, key_color=WHITE), light):
        studio.render(white, light=one, samples=1)
        emitted.append([energies for _, energies in blender(light_emitted)])
    plain, tinted = emitted
    assert tinted[0] == pytest.approx([plain[0][0] / 2, plain[0][1], plain[0][2]])
    assert tinted[1] == plain[1]
    assert tinted[2][0] == tinted[2][2] == 0.0 < tinted[2][1]


@pytest.mark.cases_once
@pytest.mark.parametrize("cut", [0, 30, 0.5])
@pytest.mark.parametrize("suffix", [".hdr", ".exr"])
def test_a_broken_panorama_is_named(
    studio: Any, blender: Any, white: Path, tmp_path: Path, suffix: str, cut: float
) -> None:
    path = tmp_path / f"sky{suffix}"
    blender(make_panorama, str(path))
    data = path.read_bytes()
    shades(studio, white, HdriLight(str(path), 0.0, 1.0), samples=1)
    path.write_bytes(data[: round(len(data) * cut) if isinstance(cut, float) else cut])
    with pytest.raises(AssetError, match=rf"sky\{suffix}"):
        shades(studio, white, HdriLight(str(path), 0.0, 1.0), samples=1)


def make_panorama(path: str) -> None:
    """Write a noisy panorama in the format that the name says."""
    import bpy

    image = bpy.data.images.new("sky", 128, 64, float_buffer=True)
    pixels = np.random.default_rng(1).random(128 * 64 * 4, np.float32) * 3
    image.pixels.foreach_set(pixels)
    image.file_format = "HDR" if path.endswith(".hdr") else "OPEN_EXR"
    image.filepath_raw = path
    image.save()


def test_a_png_that_is_called_hdr_is_named(studio: Any, white: Path, tmp_path: Path) -> None:
    path = tmp_path / "sky.hdr"
    studio.render(white, light=THREE, samples=1)
    path.write_bytes((studio.folder / "object" / "0000.png").read_bytes())
    with pytest.raises(AssetError, match=r"sky\.hdr: it is a PNG picture"):
        shades(studio, white, HdriLight(str(path), 0.0, 1.0), samples=1)


@pytest.mark.data
def test_free_panoramas_expose_well_when_normalized(studio: Any, white: Path, free_data: Path) -> None:
    for path in sorted((free_data / "hdris").glob("*.hdr")):
        assert well_exposed(shades(studio, white, HdriLight(str(path), 0.0, 1.0, normalize=True), samples=64)), path


def test_a_low_sun_is_redder_and_its_sky_still_blue_above() -> None:
    reds = [channel[0] / channel[2] for channel in (sun_light(angle, Atmosphere()) for angle in (60.0, 20.0, 5.0))]
    assert 1.0 < reds[0] < reds[1] < reds[2]
    high = np.array([[0.0, 0.6, 0.8]])
    toward = np.array([math.cos(0.6), 0.0, math.sin(0.6)])
    (clear,), (hazy,) = (sky_radiance(high, toward, Atmosphere(dust=dust)) for dust in (1.0, 8.0))
    assert clear[2] > 1.5 * clear[0]
    assert hazy[2] / hazy[0] < clear[2] / clear[0]


def test_the_directions_of_a_panorama_cover_the_sphere_once() -> None:
    directions, solid_angles = panorama_directions(64, 128)
    assert float((solid_angles * np.ones((64, 128))).sum()) == pytest.approx(4 * math.pi, rel=1e-3)
    assert np.linalg.norm(directions, axis=2) == pytest.approx(1.0)
    assert np.abs((directions * solid_angles[..., None]).sum(axis=(0, 1))).max() < 1e-9


def test_a_white_sphere_in_even_light_is_as_bright_as_the_light() -> None:
    sphere = white_sphere(np.full((64, 128, 3), 0.4))
    assert sphere == pytest.approx(0.4, rel=0.01)
    assert exposure_factor(sphere) == pytest.approx(0.6 / 0.4, rel=0.01)
    assert exposure_factor(np.zeros((8, 3))) == 0.0
