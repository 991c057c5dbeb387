"""Every command that the documentation shows is one that the command line takes, option by option."""

import re
import shlex

import pytest
import typer
from support.doc_pages import blocks, inline_code, pages
from support.repository import REPOSITORY

from synthmat.cli.app import app
from synthmat.recipe import load_recipe


def shown() -> dict[str, str]:
    """Return every call of synthmat on the pages and in the ready recipes' comments, and where it stands."""
    lines: dict[str, str] = {}
    for page in pages():
        code = [line.strip() for block in blocks(page) for line in block.text.splitlines()]
        for line in [*code, *inline_code(page)]:
            call = re.sub(r"^\S+/synthmat ", "synthmat ", line)
            if call.startswith("synthmat "):
                lines.setdefault(call, page.name)
    for path in sorted((REPOSITORY / "recipes").glob("*.yaml")):
        for line in re.sub(r"\s*\\\n#\s*", " ", path.read_text(encoding="utf-8")).splitlines():
            if line.startswith("#") and line.strip("# ").startswith("synthmat "):
                lines.setdefault(line.strip("# "), path.name)
    return lines


def words_of(line: str) -> list[str]:
    """Return a line's words, without its comment (also one that stands two spaces off, without a sign)."""
    return shlex.split(re.split(r"\s{2,}|\s+#", line)[0].replace("$", "").replace("|", " "), comments=True)[1:]


def fault(line: str) -> str | None:
    """Return what is wrong with a call: no such command, or no such option of it."""
    command = typer.main.get_command(app)
    words = words_of(line)
    if words[:1] and words[0].startswith("-"):
        return None if words[0] in ("--help", "--version", "--install-completion", "-h") else f"no option {words[0]}"
    while hasattr(command, "commands"):
        if not words:
            return None
        if words[0] not in command.commands:
            return f"no command {words[0]!r}"
        command = command.commands[words.pop(0)]
    known = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    wrong = [word for word in words if word.startswith("-") and word.partition("=")[0] not in known]
    return f"no option {', '.join(wrong)}" if wrong else None


@pytest.mark.parametrize("line", [*shown()])
def test_a_command_of_the_documentation_is_one_of_the_command_line(line):
    assert fault(line) is None, f"{shown()[line]}: {line}"


def test_there_are_commands_to_check():
    assert len(shown()) > 30


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("synthmat rendre recipe.yaml", "no command 'rendre'"),
        ("synthmat render recipe.yaml --sampels 3   # much", "no option --sampels"),
        ("synthmat export dataset output/toys --layout coco", None),
    ],
)
def test_a_wrong_command_would_be_found(line, expected):
    assert fault(line) == expected


def overrides() -> list[str]:
    return sorted({word for line in shown() for word in re.findall(r"--set ([a-z]\S+=\S+)", line)})


@pytest.mark.parametrize("override", overrides())
def test_an_override_of_the_documentation_is_one_that_a_recipe_takes(override):
    load_recipe(REPOSITORY / "recipes" / "quickstart.yaml", [override])
