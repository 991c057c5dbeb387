"""The page of named choices: networks with their options, losses, layouts, baselines, built-in objects."""

from __future__ import annotations

from synthmat.builtin_objects import builtin_objects
from synthmat.layouts import layouts
from synthmat.train.baselines import BASELINES
from synthmat.train.losses import loss_names
from synthmat.train.models import model_names, model_options

_HEAD = """# Networks, losses, layouts

Everything that a recipe chooses by name. This page is made by `make docs` from what is there; `synthmat doctor` prints
the same for your installation.
"""


def choices_reference() -> str:
    """Return the page as Markdown; this imports torch."""
    lines = [_HEAD, "## Networks", "", "`train.model`, with `train.options`.", ""]
    for name, summary in model_names().items():
        lines += [f"### {name}", "", summary, ""]
        options = model_options(name)
        if options:
            lines += ["| option | value | default | meaning |", "|---|---|---|---|"]
            lines += [
                f"| `{key}` | {_cell(option.kind)} | {_code(option.default)} | {_cell(option.about)} |"
                for key, option in options.items()
            ]
            lines.append("")
    lines += ["## Losses", "", "`train.loss`: one name, or several with their weights.", ""]
    lines += _table("loss", loss_names())
    lines += ["## Layouts", "", "`layout` of folders in recipes, of `synthmat evaluate`, of `synthmat export dataset`."]
    lines += ["", "| layout | read | export | what it is |", "|---|---|---|---|"]
    for name, about in layouts().items():
        marks = ["yes" if able else "" for able in (about.reads, about.exports)]
        lines.append(f"| `{name}` | {marks[0]} | {marks[1]} | {_cell(about.summary)} |")
    lines += ["", "## Baselines", "", "`synthmat evaluate baseline:NAME DATA`, `synthmat predict baseline:NAME INPUT`."]
    lines += ["", *_table("baseline", BASELINES.names())]
    lines += ["## Built-in objects", "", "`objects: [{builtin: NAME}]`; pictures are in the [gallery](../builtins.md)."]
    lines += ["", *_table("object", builtin_objects())]
    return "\n".join(lines) + "\n"


def _table(what: str, names: dict[str, str]) -> list[str]:
    return [f"| {what} | what it is |", "|---|---|", *(f"| `{n}` | {_cell(text)} |" for n, text in names.items()), ""]


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
