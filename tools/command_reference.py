"""The command-line reference, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer

from synthmat.cli.app import app

_HEAD = """# Commands

Every command with its arguments and options; this page is made by `make docs` from the commands. `--set KEY=VALUE`
overrides any key of the [recipe](recipe.md). Exit codes: 0 when all is done, 1 when some jobs failed, 2 for a wrong
command or recipe, 130 when interrupted. Each command is a [Python function](api.md) too.
"""


def commands(group: Any = None, before: str = "synthmat") -> Iterator[tuple[str, Any]]:
    """Yield the full name of every command, and the command (of click)."""
    group = typer.main.get_command(app) if group is None else group
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def command_reference() -> str:
    """Return the page as Markdown."""
    lines = [_HEAD]
    for name, command in commands():
        if getattr(command, "hidden", False):
            continue
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        options = [each for each in command.params if each.param_type_name == "option"]
        usage = " ".join([name, *(_placeholder(each) for each in arguments)])
        lines += [f"## {name}", "", (command.help or "").strip(), "", f"    {usage}", ""]
        lines += ["| | default | meaning |", "|---|---|---|"]
        lines += [f"| `{_placeholder(each)}` | {_default(each)} | {_help(each)} |" for each in arguments]
        lines += [f"| {_flags(each)} | {_default(each)} | {_help(each)} |" for each in options if each.name != "help"]
        lines.append("")
    return "\n".join(lines)


def _placeholder(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).removesuffix("...")
    name = name if argument.required else f"[{name}]"
    return f"{name}..." if argument.nargs == -1 else name


def _flags(option: Any) -> str:
    flags = ", ".join(f"`{flag}`" for flag in [*option.opts, *option.secondary_opts])
    return flags if option.is_flag else f"{flags} {_value(option)}"


def _value(option: Any) -> str:
    """Return what an option's value is, for people: the choices of a fixed set, or a word in capitals."""
    kind = option.type_descriptor.annotation
    kind = get_args(kind)[0] if get_origin(kind) is list else kind
    if get_origin(kind) is Literal:
        return " ".join(f"`{choice}`" for choice in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " ".join(f"`{choice.value}`" for choice in kind)
    return str(option.metavar or {int: "N", float: "X", Path: "PATH"}.get(kind, "TEXT"))


def _default(parameter: Any) -> str:
    if parameter.required:
        return "**required**"
    value = parameter.default
    if value is None or callable(value) or isinstance(value, list | tuple) or str(value) in ("", "Sentinel.UNSET"):
        return ""
    if isinstance(value, bool):
        return ("on" if value else "off") if parameter.secondary_opts else ""
    return f"`{getattr(value, 'value', value)}`"


def _help(parameter: Any) -> str:
    text = " ".join((getattr(parameter, "help", None) or "").split())
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
