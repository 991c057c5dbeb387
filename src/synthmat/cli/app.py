"""All commands as one application, and its entry point."""

from __future__ import annotations

import io
import signal
import sys
import warnings
from typing import Annotated, Any

import typer

from synthmat import __version__
from synthmat.cli import datasets, looking, recipes, serving, stages, trained
from synthmat.cli.outcome import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from synthmat.errors import PassedOverWarning, SynthmatError
from synthmat.memory import is_out_of_memory

_INTERRUPTED = "interrupted; finished work is kept: re-run to resume"
_printed: set[str] = set()
app = typer.Typer(
    help="Exact alpha-matting data from 3D models: render, composite, train.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (recipes.starting, stages.app, trained.app, serving.app, looking.app):
    app.add_typer(commands)  # without a name: the commands themselves
app.add_typer(recipes.app, name="recipe")
app.add_typer(datasets.app, name="export")


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"synthmat {__version__}")
        raise typer.Exit


def main(on_interrupt: Any = signal.default_int_handler) -> None:
    """Run the command line; errors of the user's are printed without a traceback.

    ``on_interrupt`` is the handler of SIGINT while it runs.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    warnings.showwarning = _print_warning
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Names of files are bytes, and not all of them can be printed.
            stream.reconfigure(errors="backslashreplace")
    try:
        signal.signal(signal.SIGINT, on_interrupt)
        app(standalone_mode=True, prog_name="synthmat")
    except SynthmatError as error:
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    except OSError as error:
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        print(
            f"{error.filename or 'output'}: {error.strerror or error}; finished work is kept: re-run to resume",
            file=sys.stderr,
        )
        sys.exit(EXIT_FAILED)
    except (MemoryError, ImportError, RuntimeError) as error:
        if {"-v", "--verbose"} & set(sys.argv) or not is_out_of_memory(error):
            raise
        print(
            "not enough memory; finished work is kept: give it more, or less to do at once (--workers; of a training "
            "train.batch_size or train.size)",
            file=sys.stderr,
        )
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:  # Typer has not begun yet, or has ended.
        print(_INTERRUPTED, file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except SystemExit as leaving:
        # Typer turns an interruption into this exit code without a word.
        if leaving.code == EXIT_INTERRUPTED:
            print(_INTERRUPTED, file=sys.stderr)
        raise


def _print_warning(message: Warning | str, category: type[Warning], *_place: object, **_more: object) -> None:
    """Print a warning for people, once: what it says, without the line of code that it comes from."""
    plain = issubclass(category, FutureWarning | PassedOverWarning)
    text = str(message) if plain else f"{category.__name__}: {message}"
    if text not in _printed:
        _printed.add(text)
        print(text, file=sys.stderr)


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt
