"""A shop's headless dummy, which a garment is shown on."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_mesh, lathe, tube
from synthmat.blender_scenes.builtins._person.garment import Dummy
from synthmat.blender_scenes.builtins._person.measures import Measures
from synthmat.blender_scenes.builtins._person.surface import Surface, cut, subdivided, triangulated


def add_dummy(dummy: Dummy, rng: np.random.Generator) -> None:
    """Add the trunk of a dummy to the scene, with stumps for arms, on a pole or with its legs."""
    gray = random_color(rng, saturation=(0.0, 0.04), value=(0.05, 0.9))
    skin = plain("dummy", gray, roughness=float(rng.uniform(0.25, 0.7)))
    at = Measures.of(dummy.tights.columns[:, 6:14])
    legs = rng.random() < 0.4
    end = np.where(at.arm > 0.5, (1.9 - at.reach) * 0.25, 0.3)
    if not legs:
        end = np.minimum(end, (0.3 - at.leg) * 0.4)
    trunk = cut(Surface(dummy.tights.places, triangulated(dummy.tights.faces)), end)
    fine = subdivided(trunk)
    add_mesh("dummy", fine.places, fine.faces, skin)
    if legs:
        return
    middle = dummy.body.joints["root"][:3, 3]
    metal = plain("pole", (0.6, 0.6, 0.6), roughness=0.3, metallic=1.0)
    tube("pole", metal, [(middle[0], middle[1], 0.02), (middle[0], middle[1], middle[2])], 0.012)
    foot = np.array([(0.0, 0.0), (0.16, 0.0), (0.165, 0.006), (0.16, 0.014), (0.0, 0.02)])
    item = lathe("foot", metal, foot)
    item.location = (float(middle[0]), float(middle[1]), 0.0)
