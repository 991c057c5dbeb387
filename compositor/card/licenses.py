"""What the usual licenses ask for, as far as their names say it; no legal advice, only what to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import permutations
from typing import NamedTuple

NOT_GIVEN = "not given"

_FREE = {"cc0", "zero", "pdm", "unlicense", "0bsd", "wtfpl"}
_WITH_NOTICE = {"mit", "apache", "bsd", "isc", "zlib", "ofl"}
_COPYLEFT = ("agpl", "lgpl", "gpl", "odbl")
_RESTRICTED = {
    "editorial",
    "fan",
    "fanart",
    "personal",
    "educational",
    "academic",
    "research",
    "proprietary",
    "prohibited",
}


class Terms(NamedTuple):
    """What a license asks for; ``family`` names those that ask for themselves again, such as ``cc-by-sa``.

    ``recognized`` is False if the name says nothing, so that someone has to read it.
    """

    attribution: bool = False
    family: str = ""
    non_commercial: bool = False
    no_derivatives: bool = False
    restricted: bool = False
    recognized: bool = False


@cache
def terms_of(license_: str) -> Terms:
    """Return what a license asks for, by the words of its name: ``CC-BY-NC-SA-4.0``, ``public domain``, ``MIT``."""
    text = license_.lower().replace("non-commercial", "nc").replace("noncommercial", "nc")
    text = text.replace("sharealike", "sa").replace("share-alike", "sa").replace("no-derivatives", "nd")
    words = set(re.findall(r"[a-z0-9]+", text.replace("noderivatives", "nd").replace("attribution", "by")))
    copyleft = next((name for name in _COPYLEFT if any(word.startswith(name) for word in words)), "")
    by, same, nc, nd = ("by" in words, "sa" in words, "nc" in words, "nd" in words)
    free = bool(words & _FREE) or {"public", "domain"} <= words or {"no", "restrictions"} <= words
    noticed = bool(words & _WITH_NOTICE)
    restricted = bool(words & _RESTRICTED) or {"all", "rights", "reserved"} <= words
    return Terms(
        attribution=by or noticed or bool(copyleft),
        family=copyleft or (("cc-by-nc-sa" if nc else "cc-by-sa") if same else ""),
        non_commercial=nc,
        no_derivatives=nd,
        restricted=restricted,
        recognized=by or same or nc or nd or free or noticed or restricted or bool(copyleft),
    )


def cannot_be_joined(licenses: Iterable[str]) -> tuple[str, str] | None:
    """Return two of the licenses under which one picture made of both cannot be passed on; None if there are none.

    One asks that the picture be passed on under itself, and the other does not allow that.
    """
    for one, other in permutations(sorted(licenses), 2):
        first, second = terms_of(one), terms_of(other)
        if not first.family:
            continue
        if second.non_commercial and not first.non_commercial:
            return one, other
        # CC-BY-SA 4.0 may be passed on under the GPL 3.
        if second.family not in ("", first.family) and {first.family, second.family} != {"cc-by-sa", "gpl"}:
            return one, other
    return None
