"""The Markdown that people read: its pages, and what stands on them as code."""

import re
from dataclasses import dataclass
from pathlib import Path

from support.repository import REPOSITORY

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)((?: {4,}\S[^\n]*\n|\n(?= {4}))+)")
_INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Code:
    """A block of code on a page."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(REPOSITORY)}: {self.text.strip().splitlines()[0]}"


def pages() -> list[Path]:
    """Return every page that is written by hand."""
    made = {"recipe", "commands", "choices", "folders", "api", "contributing", "security", "changelog"}
    written = [path for path in sorted((REPOSITORY / "docs").rglob("*.md")) if path.stem not in made]
    return [*(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *written]


def blocks(page: Path, language: str | None = None) -> list[Code]:
    """Return a page's blocks of code, fenced or indented (with no language)."""
    text = page.read_text(encoding="utf-8")
    found = [Code(page, match["language"], match["text"]) for match in _FENCE.finditer(text)]
    found += [Code(page, "", match[1]) for match in _INDENTED.finditer(_FENCE.sub("", text))]
    return [each for each in found if language is None or each.language == language]


def inline_code(page: Path) -> list[str]:
    """Return what stands between single backticks on a page, outside blocks."""
    return _INLINE.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
