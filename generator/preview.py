"""The preview: each object once, small and in seconds, in the light and framing of its first frame."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path

from synthmat.generator.frame_rows import finished_frames
from synthmat.generator.plan import plan_render
from synthmat.generator.stage import need_blender, render_jobs
from synthmat.recipe import Recipe
from synthmat.render_job import RenderJob
from synthmat.report.preview import Previewed, report_preview
from synthmat.rows.row_types import FailureRow
from synthmat.stage import RunOptions, StageResult
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder

_EDGE, _SAMPLES, _ALPHA_ERROR = 160, 16, 0.03


@dataclass
class PreviewResult(StageResult):
    """What a preview did, and the files to look at."""

    sheets: tuple[Path, ...] = ()
    page: Path = Path()


def preview(recipe: Recipe, base: Path, output: OutputFolder, options: RunOptions) -> PreviewResult:
    """Render every object of the recipe once, small, and write contact sheets and a page of all of them.

    Nothing but the folder ``preview`` is written to; what lies there already and is as the recipe wants it is kept.

    Args:
        recipe: The checked recipe.
        base: The folder at which the recipe's relative paths start.
        output: Where the output lies.
        options: See `RunOptions`; ``limit`` counts objects.

    Raises:
        RecipeError: A model or panorama that the recipe names is not there.
        OutputError: Another preview is writing to the same folder, or it cannot be written to.
    """
    started = time.monotonic()
    need_blender()
    place = output.preview
    jobs = [small_job(job) for job in plan_render(recipe, base, place)]
    done = render_jobs(jobs, place, options, stage="preview", unit="objects")
    sheets, page = report_preview(_previewed(jobs, place), place, output.root.name)
    result = PreviewResult(**{field.name: getattr(done, field.name) for field in dataclasses.fields(done)})
    result.sheets, result.page, result.seconds = sheets, page, time.monotonic() - started
    return result


def small_job(job: RenderJob) -> RenderJob:
    """Return the first view of a job, at most 160 pixels long, with few samples and nothing but the PNG."""
    settings = job.settings
    factor = min(1.0, _EDGE / max(settings.width, settings.height))
    small = dataclasses.replace(
        settings,
        width=max(1, round(settings.width * factor)),
        height=max(1, round(settings.height * factor)),
        samples=_SAMPLES,
        bit_depth=8,
        alpha_error=_ALPHA_ERROR,
        passes=(),
    )
    return dataclasses.replace(job, settings=small, views=job.views[:1])


def _previewed(jobs: list[RenderJob], place: OutputFolder) -> list[Previewed]:
    """Return what is known of each object, in the order of the recipe."""
    rows = finished_frames(place, jobs)
    errors = {row["job"]: row["error"] for row in read_rows(place.failures, FailureRow) if "job" in row}
    return [
        Previewed(
            name=job.asset.name,
            source=job.asset.described,
            size=(job.settings.width, job.settings.height),
            row=rows.get((job.asset.name, job.views[0].name)),
            error=errors.get(job.asset.name, ""),
        )
        for job in jobs
    ]
