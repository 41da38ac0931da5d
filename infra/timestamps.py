"""Times as files write them, in many formats, to UTC."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE]\+?\d{1,2})?")
_SPACED_ZONE = re.compile(r"\s+(?:([+-]\d{2}:?\d{2})|(?:UTC|GMT|Z))$", re.IGNORECASE)
_SLASHED_DATE = re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CHARS: Final = 64

# Seconds reach 10**11 in the year 5138, milliseconds in 1973: size tells the unit.
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))


def read_time(value: object) -> datetime:
    """Return the UTC time that `value` says; no zone means UTC.

    Reads ISO 8601 (also with a space or slashes), e-mail dates (RFC 2822), `Tue Feb 24 11:35:52
    +0000 2015`, `20150224`, `20150224113552`, and seconds, milli-, micro- or nanoseconds since
    1970 as text or number. Raises ValueError for anything else; day-month order is never guessed.

    >>> read_time("2015-02-24 11:35:52 -0800").isoformat()
    '2015-02-24T19:35:52+00:00'
    >>> read_time(1424806552000) == read_time("1424806552") == read_time("2015-02-24T19:35:52")
    True
    """
    moment = read_written_time(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def read_written_time(value: object) -> datetime:
    """As `read_time`, but a time that names no zone comes back without one; others are UTC.

    >>> read_written_time("2015-02-24 11:35:52").tzinfo is None
    True
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{type(value).__name__} is no time")
    text = str(value).strip()
    if not text:
        raise ValueError("no time")
    if len(text) <= _MAX_CHARS:
        for reader in (_from_digits, _from_number, _from_iso, _from_twitter, _from_mail):
            moment = _try(reader, text)
            if moment is not None:
                return moment
    raise ValueError(f"cannot read the time {text[:_MAX_CHARS]!r}")


def _try(reader: Callable[[str], datetime | None], text: str) -> datetime | None:
    try:
        moment = reader(text)
        return moment if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None  # another format, then


def _from_digits(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and text[:2] in ("19", "20")):
        return None
    form = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}.get(len(text))
    return datetime.strptime(text, form) if form else None  # noqa: DTZ007 - names no zone


def _from_number(text: str) -> datetime | None:
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    for limit, unit in _UNITS:
        if abs(number) < limit:
            if unit == 1.0 or "." in text or "e" in text.lower():
                return _EPOCH + timedelta(seconds=number / unit)
            # Whole milliseconds and finer stay exact: a float has not digits enough.
            return _EPOCH + timedelta(microseconds=int(text) * 1_000_000 // int(unit))
    return None


def _from_iso(text: str) -> datetime:
    if "/" in text:
        text = _SLASHED_DATE.sub(lambda d: f"{d[1]}-{d[2]:0>2}-{d[3]:0>2}", text)
    return datetime.fromisoformat(_SPACED_ZONE.sub(lambda zone: zone[1] or "+00:00", text))


def _from_twitter(text: str) -> datetime:
    return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")


def _from_mail(text: str) -> datetime:
    return parsedate_to_datetime(text)
