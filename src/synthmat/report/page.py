"""The HTML pages: one file each, with style and script inside, that work from disk without a server."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from PIL import Image

from synthmat.storage.atomic import write_text

_MOST_FAILURES = 100
_MOST_NAMES = 12


@dataclass(frozen=True)
class Html:
    """Text that is HTML already; everything else is escaped."""

    text: str


def write_page(
    path: Path, title: str, subtitle: str, parts: Sequence[str], *, gallery: Mapping[str, Any] | None = None
) -> Path:
    """Write a page of HTML ``parts`` and return its path.

    Args:
        path: The file.
        title: Heading, plain text.
        subtitle: Words below it, plain text.
        parts: HTML, in order.
        gallery: What the script shows as a filterable grid, see `synthmat.report.gallery`.
    """
    body = "\n".join(part for part in parts if part)
    script = ""
    if gallery is not None:
        body += "\n" + _asset("gallery.html")
        script = f'<script type="application/json" id="gallery-data">{script_json(gallery)}</script>\n'
        script += f"<script>\n{_asset('gallery.js')}</script>"
    text = Template(_asset("page.html")).substitute(
        title=escape(title), subtitle=escape(subtitle), style=_asset("page.css"), body=body, script=script
    )
    write_text(path, text)
    return path


def href(target: Path, page: Path) -> str:
    """Return the address of a file as seen from a page, relative and percent-encoded."""
    return quote(Path(os.path.relpath(target, page.parent)).as_posix())


def link(target: Path, page: Path, words: str) -> str:
    """Return a link to a file."""
    return f'<a href="{escape(href(target, page))}">{escape(words)}</a>'


def script_json(value: Any) -> str:
    """Return JSON that can stand inside a script element, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def cards(numbers: Mapping[str, str | Html]) -> str:
    """Return the numbers at the top of a page: caption and value."""
    items = "".join(
        f"<div class=card><b>{_cell(value)}</b><span>{escape(name)}</span></div>" for name, value in numbers.items()
    )
    return f"<div class=cards>{items}</div>"


def section(title: str, *parts: str, closed: bool = False) -> str:
    """Return a section that can be folded."""
    body = "\n".join(part for part in parts if part)
    if not body:
        return ""
    return (
        f"<details class=section{'' if closed else ' open'}><summary><h2>{escape(title)}</h2></summary>{body}</details>"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str | Html]]) -> str:
    """Return a table; plain strings are escaped."""
    first = "".join(f"<th>{escape(word)}</th>" for word in head)
    body = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class=scroll><table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table></div>"


def notice(text: str, names: Sequence[str] = ()) -> str:
    """Return a red box: what is wrong, and the first of what it concerns."""
    listed = "".join(f"<li><code>{escape(name)}</code></li>" for name in names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        listed += f"<li>and {len(names) - _MOST_NAMES:,} more</li>"
    return f"<div class=notice><b>{escape(text)}</b>{f'<ul>{listed}</ul>' if listed else ''}</div>"


def failure_notice(failures: Sequence[Mapping[str, Any]], file: Path, page: Path) -> str:
    """Return a red box of what could not be made, equal errors together; nothing if there are no failures."""
    if not failures:
        return ""
    pieces: dict[tuple[str, str], list[str]] = {}
    for row in failures:
        error = str(row.get("error", "no reason given"))
        pieces.setdefault((str(row.get("stage", "")), error), []).append(failed_piece(row))
    rows: list[list[str | Html]] = []
    for (stage, error), names in list(pieces.items())[:_MOST_FAILURES]:
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        rows.append([stage, ", ".join(names[:5]) + more, error])
    rest = len(pieces) - len(rows)
    words = f"{len(failures):,} failed" + (f"; {rest:,} more reasons stand in the file" if rest else "")
    head = f"<b>{escape(words)}</b>, see {link(file, page, file.name)}"
    return f"<div class=notice>{head}{table(['stage', 'what', 'error'], rows)}</div>"


def failed_piece(row: Mapping[str, Any]) -> str:
    """Return the name of what a row of ``failures.jsonl`` is about."""
    name = next((str(row[key]) for key in ("sample", "job", "name", "id", "object") if row.get(key)), "unnamed")
    views = row.get("views")
    return f"{name} ({len(views)} views)" if isinstance(views, list) and len(views) > 1 else name


def picture(target: Path, page: Path, words: str, *, widest: int = 1450) -> str:
    """Return a scaled-down copy of a picture inside the page, linked to the file; nothing if it cannot be read."""
    try:
        with Image.open(target) as file:
            image = file.convert("RGB")
    except OSError:
        return ""
    image.thumbnail((widest, 4 * widest), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82, optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    source = f"data:image/jpeg;base64,{data}"
    return (
        f'<a class=sheet href="{escape(href(target, page))}"><img src="{source}" alt="{escape(words)}" '
        f"width={image.width} height={image.height}></a>"
    )


def _cell(value: str | Html) -> str:
    return value.text if isinstance(value, Html) else escape(value)


@cache
def _asset(name: str) -> str:
    return files("synthmat.report").joinpath(name).read_text(encoding="utf-8")
