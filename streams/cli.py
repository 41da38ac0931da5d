"""The command line. Errors are one line on stderr that says what to do; exit 0 is success.

What takes long to import is imported in functions: until `main` runs, Ctrl-C ends in a traceback.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Never

import typer

from streams import (
    cli_backtest,
    cli_brands,
    cli_clickhouse,
    cli_copies,
    cli_dashboards,
    cli_deliver,
    cli_detect,
    cli_dlq,
    cli_doctor,
    cli_feeds,
    cli_forecast,
    cli_keep,
    cli_learn,
    cli_line,
    cli_model,
    cli_page,
    cli_plan,
    cli_push,
    cli_rescore,
    cli_route,
    cli_share,
    cli_topics,
    cli_verdict,
)

app = typer.Typer(
    name="groundswell",
    help="Reads social feeds without pause and tells a PR team when the mood turns.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
PANELS = {
    "The line": (cli_line, cli_feeds, cli_push, cli_page),
    "Brands and incidents": (
        *(cli_brands, cli_backtest, cli_detect, cli_forecast, cli_verdict),
        *(cli_deliver, cli_route),
    ),
    "Sentiment": (cli_model, cli_learn, cli_share, cli_rescore),
    "Stored data": (cli_keep, cli_dlq, cli_copies),
    "Servers": (cli_doctor, cli_topics, cli_clickhouse, cli_dashboards, cli_plan),
}
for panel, modules in PANELS.items():
    known = len(app.registered_commands), len(app.registered_groups)
    for module in modules:
        module.register(app)
    for command in app.registered_commands[known[0] :]:
        command.rich_help_panel = panel
    for group in app.registered_groups[known[1] :]:
        group.rich_help_panel = panel
INTERRUPTED = 130


def main() -> None:
    """Entry point: turn expected failures into one line and an exit status."""
    # onnxruntime 1.29 and newer would tell its maker about each run, and leave a file in the
    # temporary folder; it looks once, when it is imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    _write_what_can_be_written()
    try:
        _run()
    except KeyboardInterrupt:
        _stopped()


def _write_what_can_be_written() -> None:
    """Where a terminal's encoding lacks a letter its number is shown: posts are in any language."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run() -> None:
    from infra.logs import set_up_logs

    set_up_logs(json=not sys.stderr.isatty())
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer's way to tell of Ctrl-C
            _stopped()
        raise
    except BaseException as error:
        _tell(error)
        raise


def _tell(error: BaseException) -> None:
    """End the process with one line, if a person can mend it."""
    # Here: who names the failures imports brokers and drivers, half a second that `groundswell
    # score` has no use for.
    from pydantic import ValidationError

    from streams.failures import FAILURES, Interrupted, one_line

    if isinstance(error, ValidationError):
        from infra.config_file import problem_of

        config = os.environ.get("GROUNDSWELL_CONFIG")
        _fail(problem_of(error, Path(config) if config else None, os.environ))
    if isinstance(error, FAILURES):
        _fail(one_line(error))
    if isinstance(error, UnicodeEncodeError) and (odd := _no_text(sys.argv)):
        _fail(f"{odd}: an argument that is no UTF-8; a file can be renamed")
    if isinstance(error, Interrupted):
        _stopped()


def _no_text(words: Sequence[str]) -> str:
    """The first word with bytes that are no UTF-8, which Python gives as half characters."""
    broken = (word for word in words if any("\ud800" <= char <= "\udfff" for char in word))
    return next(map(ascii, broken), "")


def _stopped() -> Never:
    typer.echo("stopped", err=True)
    sys.exit(INTERRUPTED)


def _fail(message: str) -> Never:
    typer.echo(f"groundswell: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
