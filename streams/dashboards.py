"""Dashboards for the command line: built to files, pushed to a Grafana, listed."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from infra.grafana import build
from infra.grafana.publish import Published, Wanted, connected, publish
from streams.failures import UsageError

TOKEN = "GROUNDSWELL_GRAFANA_TOKEN"
URL = "GROUNDSWELL_GRAFANA_URL"


def listed() -> list[dict[str, str | int]]:
    """Each dashboard: its file, uid, title, what it is for and how many panels it has."""
    return [
        {
            "file": f"{name}.json",
            "uid": made["uid"],
            "title": made["title"],
            "description": made["description"],
            "panels": sum(panel["type"] != "row" for panel in made["panels"]),
        }
        for name, made in build.dashboards().items()
    ]


def listed_as_text() -> str:
    """The same for people."""
    return "\n".join(
        f"{one['title']} ({one['uid']}, {one['panels']} panels)\n  {one['description']}"
        for one in listed()
    )


def built(folder: Path) -> str:
    """Write what Grafana reads; say what was."""
    written = build.write(folder)
    lines = [str(path.relative_to(folder)) for path in written]
    return "\n".join([*lines, f"{len(written)} of {len(build.files())} files written to {folder}"])


def published(
    url: str, token_file: Path | None, wanted: Wanted, environment: Mapping[str, str] = os.environ
) -> list[Published]:
    """Push all of them. Raises UsageError, PublishFailed."""
    address = url or environment.get(URL, "")
    if not address:
        raise UsageError(f"name a Grafana by --url or {URL}, such as https://grafana.example.com")
    token = token_of(token_file, environment)
    return list(publish(connected(address, token), build.dashboards(), wanted))


def token_of(file: Path | None, environment: Mapping[str, str]) -> str:
    """The token of a service account: from a file, or from the environment. Raises UsageError."""
    if file is not None:
        try:
            token = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{file} cannot be read: {type(error).__name__}") from error
        if not token:
            raise UsageError(f"{file} is empty: it has to hold the token of a service account")
        return token
    token = environment.get(TOKEN, "").strip()
    if not token:
        raise UsageError(f"put the token of a service account into {TOKEN}, or name --token-file")
    return token


def as_text(found: list[Published]) -> str:
    """One line a dashboard."""
    return "\n".join(f"{one.title}: {one.outcome} {one.url}".rstrip() for one in found)


def as_json(found: object) -> str:
    """For programs."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
