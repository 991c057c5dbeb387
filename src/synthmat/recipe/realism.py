"""Recipe section ``composite.realism``: what makes object and photo look taken by one camera."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from synthmat.recipe.distributions import Number, Uniform, within
from synthmat.strict_model import Section


def _uniform(low: float, high: float) -> Uniform:
    return Uniform(uniform=[low, high])


class Effect(Section):
    """An effect that some samples have, from 0 (nothing) to 1 (in full)."""

    probability: float = Field(default=0.5, ge=0, le=1, description="Fraction of the samples that have it.")
    strength: Annotated[Number, within(0, 1)] = Field(default=1.0, description="How much of it, 0 to 1.")


class Exposure(Section):
    """Brightness of the whole picture, object and photo alike."""

    probability: float = Field(default=0.5, ge=0, le=1, description="Fraction of the samples that have it.")
    stops: Annotated[Number, within(-4, 4)] = Field(
        default_factory=lambda: _uniform(-0.7, 0.7), description="Factor on linear light, as a power of two."
    )


class WhiteBalance(Section):
    """Warmer or colder colors of the whole picture, object and photo alike."""

    probability: float = Field(default=0.5, ge=0, le=1, description="Fraction of the samples that have it.")
    temperature: Annotated[Number, within(-1, 1)] = Field(
        default_factory=lambda: _uniform(-0.4, 0.4), description="-1 is as blue, 1 as red as still looks like a photo."
    )


class SensorNoise(Section):
    """Noise of a sensor over the whole composite; image = alpha x fg + (1 - alpha) x bg then holds up to it."""

    probability: float = Field(default=0.5, ge=0, le=1, description="Fraction of the samples that have it.")
    sigma: Annotated[Number, within(0, 0.3)] = Field(
        default_factory=lambda: _uniform(0.0, 0.03), description="Standard deviation at mid gray, fraction of white."
    )


class Jpeg(Section):
    """The composite has been a JPEG of this quality before it is written."""

    probability: float = Field(default=0.5, ge=0, le=1, description="Fraction of the samples that have it.")
    quality: Annotated[Number, within(1, 100)] = Field(
        default_factory=lambda: _uniform(40, 95), description="JPEG quality."
    )


class Realism(Section):
    """What makes object and photo look taken by one camera; an effect that is not named here is off.

    `color_transfer`, `sharpness` and `grain` fit the object to the photo, `shadow` needs renders
    with the `shadow` pass.
    """

    color_transfer: Effect | None = Field(
        default=None, description="Mean and spread of the object's colors move towards the photo's (Reinhard 2001)."
    )
    sharpness: Effect | None = Field(
        default=None, description="An object sharper than the photo is blurred with its alpha until both match."
    )
    grain: Effect | None = Field(
        default=None, description="An object cleaner than the photo gets the noise that it lacks."
    )
    shadow: Effect | None = Field(default=None, description="The contact shadow of the render darkens the photo.")
    haze: Effect | None = Field(
        default=None, description="A veil of light, denser before the photo than before the object."
    )
    exposure: Exposure | None = Field(default=None, description="Brighter or darker.")
    white_balance: WhiteBalance | None = Field(default=None, description="Warmer or colder.")
    noise: SensorNoise | None = Field(default=None, description="Sensor noise over the composite.")
    jpeg: Jpeg | None = Field(default=None, description="Artifacts of JPEG compression in the composite.")


class CapturedBackground(Section):
    """How `captured_bg`, a second shot of the empty scene, differs from `bg`; as BackgroundMattingV2 trains."""

    color: Effect = Field(
        default_factory=lambda: Effect(probability=0.8),
        description="Brightness, contrast and saturation by up to 18 %, hue by up to 36 degrees, times strength.",
    )
    noise: SensorNoise = Field(
        default_factory=lambda: SensorNoise(probability=0.4), description="Noise of its own, not the image's."
    )
    misaligned: Effect = Field(
        default_factory=lambda: Effect(probability=0.3),
        description="Turned by up to 1 degree, shifted by up to 1 % of the edge, times strength.",
    )
