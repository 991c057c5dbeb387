"""Groups: which objects come together in one picture, how large each is and where it is placed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import cycle, islice

from synthmat.random_streams import ranked, stream
from synthmat.recipe import Number, draw
from synthmat.recipe.objects import Group
from synthmat.render_job import Asset, Member


def plan_group(seed: int, entry: Group, name: str, candidates: list[Asset]) -> Asset:
    """Return the asset of one group, its members drawn from ``candidates``.

    A further candidate changes the groups that it becomes a member of, and no other. All groups of an entry have one
    identity, since they draw from the same objects: they are never divided between training and test.
    """
    wanted = round(draw(entry.members, stream(seed, "group", name, "count"), 2, 12))
    order = ranked(seed, "group", name, "members", choices=[candidate.name for candidate in candidates])
    chosen = [candidates[place] for place in order]
    members = tuple(
        _member(seed, entry, name, asset, position)
        for position, asset in enumerate(islice(cycle(chosen), wanted))  # with few of them some are there twice
    )
    prints = "\n".join(member.asset.fingerprint for member in members)
    return Asset(
        name=name,
        fingerprint=hashlib.sha256(prints.encode()).hexdigest(),
        license=entry.license or _joined(member.asset.license for member in members),
        source=entry.source or _joined(member.asset.source for member in members),
        split=entry.split,
        identity=entry.name,
        members=members,
    )


def _member(seed: int, entry: Group, name: str, asset: Asset, position: int) -> Member:
    def drawn(what: str, number: Number, low: float, high: float) -> float:
        return draw(number, stream(seed, "group", name, position, what), low, high)

    where = stream(seed, "group", name, position, "place")
    return Member(
        asset=asset,
        scale=drawn("scale", entry.scale, 0.05, 1),
        turn=float(where.uniform(0, 360)),
        anchor=int(where.integers(max(position, 1))),
        direction=float(where.uniform(0, 360)),
        apart=drawn("apart", entry.spacing, 0, 5),
    )


def _joined(values: Iterable[str | None]) -> str | None:
    known = list(dict.fromkeys(value for value in values if value))
    return ", ".join(known) or None
