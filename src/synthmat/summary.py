"""What ``synthmat run`` prints at the end: where the pictures are, what was measured, what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from synthmat.rows.row_types import FrameRow, SampleRow
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import SPLITS, OutputFolder
from synthmat.storage.summary_file import read_summary


def summary_text(output: OutputFolder, *, limited: bool = False) -> str:
    """Return the summary of an output folder's stages, a few lines of text.

    Args:
        output: The output folder.
        limited: Whether the run was asked for a part only.
    """
    frames = list(read_rows(output.render_manifest, FrameRow))
    samples = {split: sum(1 for _ in read_rows(output.metadata(split), SampleRow)) for split in SPLITS}
    lines = ["", "pictures"]
    for path in (
        output.renders / "contact_sheet.png",
        output.dataset / "contact_sheet.png",
        *sorted(output.training.glob("**/samples.png")),
        *sorted(output.training.glob("**/photographs.png")),
        *sorted(output.training.glob("**/curves.png")),
        output.root / "report.html",
    ):
        if path.exists():
            lines.append(f"  {path}")
    lines.append("measured")
    if frames:
        seconds = sorted(row.get("seconds", 0.0) for row in frames)[len(frames) // 2]
        lines.append(
            f"  {len(frames)} frames of {len({row['object'] for row in frames})} objects, {seconds:.2f} s each"
        )
    if any(samples.values()):
        counts = ", ".join(f"{count} {split}" for split, count in samples.items() if count)
        lines.append(f"  {sum(samples.values())} samples: {counts}")
    lines += _trainings(output)
    lines += [
        "next",
        *(f"  {command}\n      {about}" for command, about in _next(output, any(samples.values()), limited)),
    ]
    return "\n".join(lines)


def _next(output: OutputFolder, samples: bool, limited: bool) -> Iterator[tuple[str, str]]:
    """Yield commands that make sense now, each with what it does."""
    if limited:
        yield "the same command without --limit", "the rest of it; what is there is kept"
    if (output.root / "report.html").exists():
        yield f"open {output.root / 'report.html'} in a browser", "everything that was made, to look at"
    trained = sorted(output.training.rglob("best.pt"))
    if trained:
        best = shlex.quote(str(trained[0]))
        adapted = trained[0].with_name("adapted.pt")
        shown = shlex.quote(str(adapted)) if adapted.exists() else best
        yield f"synthmat predict {shown} PHOTO...", "mattes and cut-outs of your own photos"
        data = shlex.quote(str(output.dataset)) if samples else "DATA"
        yield f"synthmat evaluate {best} baseline:kmeans {data}", "every metric, beside a baseline"
    yield "synthmat init my_objects", "a recipe for your own models and photos"


def _trainings(output: OutputFolder) -> list[str]:
    lines = []
    for path in sorted(output.training.glob("**/summary.json")):
        summary = read_summary(path)
        if summary is None:
            continue
        for split, measured in (("val", summary["val"]), ("test", summary.get("test"))):
            if measured:
                name = "" if path.parent == output.training else f"{path.parent.name}, "
                lines.append(
                    f"  {summary['model']} at {summary['size']} px, {name}{split}: Dice {measured['dice']:.4f}, "
                    f"mean absolute error {measured['mad']:.4f}, after {summary['epochs']} epochs"
                )
    return lines
