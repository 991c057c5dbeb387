"""WebDataset shards: tar files of id.jpg, id.alpha.png, id.fg.png and so on, and id.json, alpha in 8 bits."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from synthmat.errors import OutputError
from synthmat.layouts.outputs import ExportOptions, Output, alpha_png, is_8_bit_gray_png
from synthmat.layouts.stored import require
from synthmat.rows.kinds import KINDS
from synthmat.rows.samples import StoredSample

_NOTES = {
    8: "alpha rounded to 8 bits, since webdataset's decoders make 16 bits black and white; --alpha-bits 16 keeps it",
    16: "alpha kept in 16 bits: webdataset's decoders make it black and white without a word, so decode it yourself",
}


def export(samples: list[StoredSample], options: ExportOptions) -> list[Output]:
    """Lay out samples as ``<split>-<6 digits>.tar``, shuffled in one fixed order; frames of a clip stay together.

    A shard ends when it has ``samples_per_shard`` samples or before it exceeds ``shard_megabytes``. Alpha of 16 bits is
    rounded to 8 unless ``alpha_bits`` is 16: webdataset's own decoders, which go by way of Pillow, would make it black
    and white.
    """
    require(samples, "webdataset", "image", "alpha")
    outputs = []
    for split in dict.fromkeys(sample.split for sample in samples):
        mine = sorted((sample for sample in samples if sample.split == split), key=_order)
        for number, shard in enumerate(_shards(mine, options)):
            kinds = tuple(kind for kind in KINDS if any(kind in sample.files for sample in shard))
            rows = hashlib.sha256(b"".join(_json(sample) for sample in shard)).hexdigest()
            make = partial(_write_shard, shard, options.alpha_bits)
            how, note = f"tar of rows {rows}", ""
            if not all(is_8_bit_gray_png(sample.files["alpha"]) for sample in shard):
                how, note = f"{how}, alpha of {options.alpha_bits} bits", _NOTES[options.alpha_bits]
            outputs.append(Output(f"{split}-{number:06d}.tar", shard, kinds, make, how, note))
    return outputs


def _order(sample: StoredSample) -> tuple[str, int, str]:
    """Return a key that mixes samples, whose ids begin with their object, in an order that never changes."""
    return hashlib.sha256((sample.clip or sample.id).encode()).hexdigest(), sample.frame, sample.id


def _shards(samples: list[StoredSample], options: ExportOptions) -> Iterator[tuple[StoredSample, ...]]:
    shard: list[StoredSample] = []
    bytes_so_far = 0
    for sample in samples:
        size = sum(_size(path) for path in sample.files.values())
        full = len(shard) >= options.samples_per_shard or bytes_so_far + size > options.shard_megabytes * 1e6
        if shard and full:
            yield tuple(shard)
            shard, bytes_so_far = [], 0
        shard.append(sample)
        bytes_so_far += size
    if shard:
        yield tuple(shard)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; run `synthmat composite` again") from None


def _write_shard(samples: tuple[StoredSample, ...], alpha_bits: int, path: Path) -> None:
    """Write one shard; owner, time and rights are fixed, so that equal samples give equal bytes."""
    with tarfile.open(path, "w") as shard:
        for sample in samples:
            for kind, file in sample.files.items():
                middle = "" if kind == "image" else f".{kind}"
                if kind == "alpha" and alpha_bits == 8 and not is_8_bit_gray_png(file):
                    _add(shard, f"{sample.id}{middle}.png", alpha_png(file))
                else:
                    _add(shard, f"{sample.id}{middle}{file.suffix.lower()}", file.read_bytes())
            _add(shard, f"{sample.id}.json", _json(sample))


def _add(shard: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    shard.addfile(member, io.BytesIO(data))


def _json(sample: StoredSample) -> bytes:
    return json.dumps(sample.row, ensure_ascii=False, sort_keys=True).encode()
