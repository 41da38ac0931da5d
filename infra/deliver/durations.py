"""Durations in the settings: `90s`, `5m`, `4h`, `1d`, or several after each other: `1h30m`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
MOST = timedelta(days=366)
_FORM = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")


def parse(text: object) -> timedelta:
    """The duration that is meant. Raises ValueError that says how one is written.

    >>> parse("1h30m")
    datetime.timedelta(seconds=5400)
    """
    if isinstance(text, timedelta):
        found = text
    else:
        form = _FORM.fullmatch(text) if isinstance(text, str) and text else None
        if not form:
            raise ValueError("no duration, such as 30s, 5m, 4h or 1d")
        parts = zip(form.groups(), SECONDS.values(), strict=True)
        found = timedelta(seconds=sum(int(count) * size for count, size in parts if count))
    if not timedelta(0) <= found <= MOST:
        raise ValueError("no more than a year")
    return found


def render(duration: timedelta) -> str:
    """The duration as `parse` reads it.

    >>> render(timedelta(minutes=90))
    '1h30m'
    """
    left, parts = int(duration.total_seconds()), []
    for unit, size in SECONDS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


Duration = Annotated[timedelta, BeforeValidator(parse), PlainSerializer(render, return_type=str)]
