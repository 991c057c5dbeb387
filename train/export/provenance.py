"""What is known of the data that a checkpoint was trained on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from synthmat.render_job import content_key
from synthmat.rows.row_types import SampleRow
from synthmat.storage.atomic import sha256_file
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder

NOT_GIVEN = "not given"
SAME_PARTS = "the data set beside it, of the same foregrounds and photographs as its live samples"


def data_of(checkpoint: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Return ``digest`` and ``licenses`` of what a checkpoint was trained on; empty where they are not known.

    Of a data set, the digest is the sha256 of the training split's list, which holds the checksums of its files, and
    ``licenses`` counts the samples that each license has a part in. Of live samples the checkpoint says both itself:
    the licenses of the foregrounds and photographs that they are made of. An older one, which does not, takes those of
    the data set beside it, whose samples are of the same foregrounds and photographs; ``of`` says that. ``unknown``
    names the rest: folders, and what left no such list. ``pretrained``, ``adapted`` and ``pseudo_labels`` are what it
    says of weights that it began with, and of photographs that gave statistics, or mattes by a network to learn from.
    """
    names = [_name(entry) for entry in config.get("train", {}).get("data", ["dataset"])]
    digests, licenses, unknown, taken_from = list[str](), Counter[str](), [], ""
    beside = _metadata(checkpoint) if {*names} & {"dataset", "live"} else None
    for name in dict.fromkeys(names):
        if name == "live" and (live := config.get("live_data")):
            digests.append(live["digest"])
            licenses.update(live["licenses"])
        elif beside is not None and (name == "dataset" or (name == "live" and "dataset" not in names)):
            digests.append(sha256_file(beside))
            for row in read_rows(beside, SampleRow):
                licenses.update({each or NOT_GIVEN for each in (row.get("licenses") or "").split("; ")})
            taken_from = SAME_PARTS if name == "live" else ""
        elif name != "dataset":
            unknown.append(name)
    found: dict[str, Any] = {key: config[key] for key in ("pretrained", "adapted", "pseudo_labels") if key in config}
    if unknown:
        found["unknown"] = unknown
    if digests:
        digest = digests[0] if len(digests) == 1 else content_key(digests)
        found |= {"digest": digest, "licenses": dict(sorted(licenses.items()))}
    return found | ({"of": taken_from} if taken_from else {})


def _metadata(checkpoint: Path) -> Path | None:
    """Return the list of training samples in the output folder that a checkpoint lies in."""
    for folder in checkpoint.absolute().parents:
        if (file := OutputFolder(folder).metadata("train")).is_file():
            return file
        if folder.name == "training":
            file = OutputFolder(folder.parent).metadata("train")
            return file if file.is_file() else None
    return None


def _name(entry: Any) -> str:
    if isinstance(entry, dict):
        return str(entry.get("source") or entry.get("folder"))
    return str(entry)
