"""Everything that an output folder claims, checked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from synthmat.errors import OutputError
from synthmat.executor import default_workers
from synthmat.progress import Progress
from synthmat.storage.output_folder import SPLITS, OutputFolder
from synthmat.verification.equation import TOLERANCE
from synthmat.verification.findings import Check, VerifyReport, judged, note
from synthmat.verification.listing import check_listing, list_dataset
from synthmat.verification.renders_check import check_frame, check_frames, list_frames
from synthmat.verification.sample_check import SampleFindings, check_sample
from synthmat.verification.splits_check import check_splits, read_claims

_WAITING = 256
_MAX_BINARY = 0.5

Item = TypeVar("Item")
Found = TypeVar("Found")


def verify(folder: Path, *, limit: int | None = None, workers: int | None = None, quiet: bool = False) -> VerifyReport:
    """Hold an output folder to its rows: files, checksums, mattes, the matting equation, trimaps, splits, renders.

    Args:
        folder: An output folder, or ``dataset`` or ``renders`` in it.
        limit: Open the files of at most so many samples and frames, spread evenly; names, rows and splits are checked
            for all.
        workers: Threads; one a processor if absent.
        quiet: Show no progress.

    Raises:
        OutputError: There is nothing to verify.
    """
    started = time.monotonic()
    dataset, renders = _stages(folder)
    checks: list[Check] = []
    with ThreadPoolExecutor(workers or default_workers()) as threads:
        if dataset is not None:
            listing = list_dataset(dataset)
            samples = _evenly(listing.samples, limit)
            findings = _all("verify", "samples", check_sample, samples, threads, quiet)
            checks += check_listing(listing)
            checks += _check_samples(findings, len(listing.samples))
            checks += check_splits(listing.samples, read_claims(dataset / "README.md"))
        if renders is not None:
            frames = list_frames(renders)
            read = _evenly(frames, limit)
            found = _all("verify", "frames", partial(check_frame, renders), read, threads, quiet)
            checks += check_frames(renders, frames, len(read), found)
    sections = ("files", "metadata", "alpha", "equation", "trimap", "shadow", "splits", "renders")
    checks.sort(key=lambda check: sections.index(check.section))
    return VerifyReport(folder, tuple(checks), time.monotonic() - started)


def _stages(folder: Path) -> tuple[Path | None, Path | None]:
    """Return the folders of a data set and of renders in ``folder``, or it itself as one of them."""
    output = OutputFolder(folder)
    dataset = next((each for each in (output.dataset, folder) if _is_dataset(each)), None)
    renders = next((each for each in (output.renders, folder) if (each / "manifest.jsonl").exists()), None)
    if dataset is None and renders is None:
        if not folder.is_dir():
            raise OutputError(f"{folder}: no such folder")
        raise OutputError(
            f"{folder}: nothing to verify; expected dataset/<split>/metadata.jsonl or renders/manifest.jsonl"
        )
    return dataset, renders


def _is_dataset(folder: Path) -> bool:
    return any((folder / split / "metadata.jsonl").exists() for split in SPLITS)


def _evenly(items: Sequence[Item], limit: int | None) -> Sequence[Item]:
    if limit is None or limit >= len(items):
        return items
    return [items[len(items) * number // limit] for number in range(limit)]


def _all(
    what: str,
    unit: str,
    check: Callable[[Item], Found],
    items: Sequence[Item],
    threads: ThreadPoolExecutor,
    quiet: bool,
) -> list[Found]:
    findings = []
    with Progress(what, len(items), unit=unit, quiet=quiet) as progress:
        for start in range(0, len(items), _WAITING):
            for found in threads.map(check, items[start : start + _WAITING]):
                findings.append(found)
                progress.advance()
    return findings


def _check_samples(findings: list[SampleFindings], count: int) -> Iterator[Check]:
    """Yield the checks of what was read."""

    def faults(name: str) -> list[str]:
        return [fault for found in findings for fault in found.faults.get(name, ())]

    read = f"{len(findings):,} samples" if len(findings) == count else f"{len(findings):,} of {count:,} samples"
    size = sum(found.bytes for found in findings) / 1e6
    files = sum(found.files for found in findings)
    yield judged("files", "readable", f"{read} read, {size:,.1f} MB", faults("readable"))
    for title in ("checksum", "size and type"):
        wrong = faults(title)
        yield judged("files", title, f"{files - len(wrong):,} of {files:,} as the rows say", wrong)
    yield from _alpha(findings, faults("not empty"), faults("to be seen"))
    yield from _equation(findings, faults("exact"))
    unknown = [found.unknown for found in findings if found.unknown is not None]
    if unknown:
        words = f"{len(unknown):,} trimaps of 0, 128 and 255; {sum(unknown) / len(unknown):.1%} of the pixels unknown"
        yield judged("trimap", "values", words, faults("values"))
        words = "fractional alpha is unknown, foreground only where it is full, background only where it is 0"
        yield judged("trimap", "agrees with alpha", words, faults("agrees with alpha"))
    shadows = [found.shadowed for found in findings if found.shadowed is not None]
    if shadows:
        words = f"{sum(shadows):,} of {len(shadows):,} have a shadow"
        yield judged("shadow", "as the row says", words, faults("as the row says"))


def _alpha(findings: list[SampleFindings], empty: list[str], unseen: list[str]) -> Iterator[Check]:
    soft = [(found.soft, found.name) for found in findings if found.soft is not None]
    if not soft:
        return
    yield judged("alpha", "not empty", f"{len(soft) - len(empty):,} of {len(soft):,}", empty)
    yield judged("alpha", "to be seen", f"{len(soft) - len(unseen):,} of {len(soft):,}", unseen)
    hard = [name for fraction, name in soft if fraction == 0]
    (least, where), (most, at) = min(soft), max(soft)
    text = f"{sum(s for s, _ in soft) / len(soft):.2%} of the pixels, {least:.2%} ({where}) to {most:.2%} ({at})"
    if hard:
        text += f"; {len(hard):,} samples have none"
    binary = len(hard) > _MAX_BINARY * len(soft)
    words = f"{len(hard):,} of {len(soft):,} mattes are 0 or full everywhere: masks, not mattes"
    yield judged("alpha", "fractional", text, [words] if binary else [])
    bits = Counter(found.bits for found in findings if found.bits)
    usual = bits.most_common(1)[0][0]
    others = [f"{found.name}: {found.bits} bit" for found in findings if found.bits not in (0, usual)]
    yield judged("alpha", "one depth", f"{usual} bit", others)


def _equation(findings: list[SampleFindings], off: list[str]) -> Iterator[Check]:
    exact = [(found.residual, found.name) for found in findings if found.residual is not None and found.exact]
    if exact:
        worst, name = max(exact)
        beyond = sum(each.beyond > 0 for each, _ in exact)
        words = (
            f"{len(exact) - beyond:,} of {len(exact):,} to {TOLERANCE} level of 255; largest residual {worst.largest}"
        )
        yield judged("equation", "exact", f"{words} ({name})", _by_residual(off, findings))
    lossy = [(found.residual, found.name) for found in findings if found.residual is not None and not found.exact]
    if lossy:
        worst, name = max(lossy)
        mean = sum(each.mean for each, _ in lossy) / len(lossy)
        words = f"{len(lossy):,} samples, {mean:.2f} levels on average, at most {worst.largest} ({name})"
        yield note("equation", "up to JPEG's loss", words)
    for why, number in sorted(Counter(found.unchecked for found in findings if found.unchecked).items()):
        yield note("equation", "not checked", f"{number:,} samples: {why}")


def _by_residual(off: list[str], findings: list[SampleFindings]) -> list[str]:
    """Return the faults of the equation, the worst first."""
    largest = {found.faults["exact"][0]: found.residual for found in findings if "exact" in found.faults}
    return sorted(off, key=lambda fault: largest[fault] or (0,), reverse=True)
