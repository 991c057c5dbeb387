"""Write those pages of the site that are made from the code, and from files at the top of the repository.

    python tools/make_reference.py [--docs docs]

The pages in ``TOP_FILES`` and those that `main` lists; git ignores all of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from api_reference import api_reference
from choices_reference import choices_reference
from command_reference import command_reference
from folder_reference import folder_reference
from recipe_reference import recipe_reference

from synthmat.storage.atomic import write_text

REPOSITORY = Path(__file__).resolve().parents[1]
TOP_FILES = {"CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}


def main(docs: Path) -> list[Path]:
    """Write the pages and return their paths."""
    pages = {
        "reference/recipe.md": recipe_reference(),
        "reference/commands.md": command_reference(),
        "reference/choices.md": choices_reference(),
        "reference/folders.md": folder_reference(),
        "reference/api.md": api_reference(),
    }
    for name, page in TOP_FILES.items():
        pages[f"project/{page}"] = moved((REPOSITORY / name).read_text(encoding="utf-8"))
    for name, text in pages.items():
        write_text(docs / name, text)
    return [docs / name for name in pages]


def moved(text: str) -> str:
    """Return the text of a file at the top of the repository with its links as they are from ``docs/project``."""
    text = text.replace("](docs/", "](../")
    for name, page in TOP_FILES.items():
        text = text.replace(f"]({name}", f"]({page}")
    return text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--docs", type=Path, default=REPOSITORY / "docs")
    for path in main(parser.parse_args().docs):
        print(f"wrote {path}")
