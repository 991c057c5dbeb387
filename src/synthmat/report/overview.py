"""The page that sums up all stages of an output folder."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from synthmat.report.page import cards, failure_notice, link, notice, picture, section, write_page
from synthmat.report.stage_report import StageReport, stage_failures
from synthmat.storage.output_folder import OutputFolder

_MOST_SHEETS = 4


def report_overview(output: OutputFolder, stages: Sequence[StageReport]) -> Path:
    """Write ``report.html`` in the output folder and return its path."""
    page = output.root / "report.html"
    failures = stage_failures(output)
    links = [link(stage.page, page, stage.title) for stage in stages]
    links += [link(file, page, file.name) for file in (output.recipe, output.dataset / "README.md") if file.exists()]
    parts = [f"<nav>{''.join(links)}</nav>", failure_notice(failures, output.failures, page)]
    for stage in stages:
        sheets = [picture(sheet, page, stage.title, widest=1200) for sheet in stage.sheets[:_MOST_SHEETS]]
        more = f"<p>{link(stage.page, page, f'{stage.title}: all of it')}</p>"
        troubles = "".join(notice(trouble) for trouble in stage.troubles)
        parts.append(section(stage.title, cards(stage.numbers), troubles, more, *sheets))
    if not stages:
        parts.append(f"<p>{escape('Nothing was made.')}</p>")
    return write_page(page, output.root.name, f"synthmat report of {output.root}", parts)
