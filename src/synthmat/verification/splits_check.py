"""Whether the splits share what the data set's card says they do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import yaml

from synthmat.rows.kinds import Kind
from synthmat.rows.samples import StoredSample
from synthmat.storage.output_folder import SPLITS
from synthmat.verification.findings import Check, judged, note


class Claims(NamedTuple):
    """How the card says samples were divided; without a card, that nothing is shared."""

    rule: str = "object"
    photos_apart: bool = True
    card: bool = False


def read_claims(card: Path) -> Claims:
    """Return what the front matter of a card says under ``synthmat``."""
    try:
        _, head, _ = card.read_text(encoding="utf-8").split("---\n", 2)
        front = yaml.safe_load(head)["synthmat"]
        return Claims(str(front["split_by"]), bool(front["photos_apart"]), card=True)
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return Claims()


def check_splits(samples: Sequence[StoredSample], claims: Claims) -> list[Check]:
    """Return a check each for identities, photos, clips, views and equal contents."""
    identity = {str(sample.object): _identity(sample) for sample in samples}
    things = ((name, sample.split) for sample in samples for name in _things(sample, identity))
    by = f"the card says split by {claims.rule}" if claims.card else "no card says otherwise"
    checks = [
        _apart("identities", things, claims.rule == "object", by),
        _apart("photos", _pairs(samples, "background"), claims.photos_apart, by),
    ]
    if any(sample.clip for sample in samples):
        checks.append(_apart("clips", _pairs(samples, "clip"), claims.rule != "sample", by))
    if claims.rule == "view":
        views = ((f"{sample.object or None} {sample.view or None}", sample.split) for sample in samples)
        checks.append(_apart("views", views, True, by))
    checks.append(_same_content(samples, "image", "equal images"))
    if claims.photos_apart and any(sample.row.get("bg_sha256") for sample in samples):
        checks.append(_same_content(samples, "bg", "equal backgrounds"))
    return checks


def _identity(sample: StoredSample) -> str:
    return str(sample.identity or None)


def _things(sample: StoredSample, identity: Mapping[str, str]) -> Iterable[str]:
    """Yield the identities of all that a sample shows; stacks and distractors are listed as ``object:view``."""
    yield _identity(sample)
    for column in (sample.row.get("others"), sample.row.get("distractors")):
        for each in str(column or "").split():
            name = each.rpartition(":")[0]
            yield identity.get(name, name)


def _pairs(samples: Iterable[StoredSample], column: Literal["background", "clip"]) -> Iterable[tuple[str, str]]:
    return ((str(found), sample.split) for sample in samples if (found := sample.row.get(column)))


def _apart(what: str, pairs: Iterable[tuple[str, str]], promised: bool, by: str) -> Check:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, split in pairs:
        found[name][split] = found[name].get(split, 0) + 1
    shared = {name: its for name, its in found.items() if len(its) > 1}
    text = f"{len(found) - len(shared):,} of {len(found):,} in one split only ({by})"
    if not promised:
        return note("splits", what, text)
    counts = [
        f"{name}: {', '.join(f'{split} {its[split]}' for split in SPLITS if split in its)}"
        for name, its in sorted(shared.items())
    ]
    return judged("splits", what, text, counts)


def _same_content(samples: Iterable[StoredSample], kind: Kind, title: str) -> Check:
    by_digest: dict[str, dict[str, str]] = defaultdict(dict)
    twins = total = 0
    for sample in samples:
        digest = str(sample.row.get(f"{kind}_sha256") or "")
        if digest:
            total += 1
            twins += sample.split in by_digest[digest]
            by_digest[digest].setdefault(sample.split, sample.id)
    shared = [
        " = ".join(f"{split}/{its[split]}" for split in SPLITS if split in its)
        for its in by_digest.values()
        if len(its) > 1
    ]
    more = f"; {twins:,} twins within a split" if twins and kind == "image" else ""
    return judged("splits", title, f"{len(shared):,} of {total:,} files are in two splits{more}", shared)
