"""The doctor's command.

What takes long to import is imported in functions.
"""

import os
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(doctor)


def doctor(
    send: Annotated[
        bool, typer.Option("--send", help="with a test message to every receiver")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Look at everything the line needs, and say what to do about what is not well.

    Settings, Kafka and its topics, consumer groups and their lag, clocks, ClickHouse, the model,
    this machine, receivers. Every check is made, whatever others find; nothing is changed and,
    without --send, nobody is told. Works beside a running line. The exit status is 0 only when all
    is well.

    Example: GROUNDSWELL_CONFIG=groundswell.yaml groundswell doctor
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from infra.config_file import problem_of
    from infra.doctor.finding import Finding
    from infra.settings import Settings
    from streams import doctor_report
    from streams.doctor import examined

    try:
        settings = Settings()
    except (SettingsError, ValidationError) as error:
        config = os.environ.get("GROUNDSWELL_CONFIG")
        path = Path(config) if config else None
        if isinstance(error, ValidationError):
            text = problem_of(error, path, os.environ)
        else:
            text = str(error)
        found = [Finding(check="settings", status="fail", text=text, fix="correct it; " + REST)]
    else:
        found = examined(settings, send=send)
    typer.echo(doctor_report.as_json(found) if as_json else doctor_report.as_text(found))
    if not doctor_report.well(found):
        raise typer.Exit(1)


REST = "the rest is looked at once the settings can be read"
