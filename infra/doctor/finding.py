"""What a check found."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from msgspec import Struct

Status = Literal["ok", "warn", "fail"]


class Said(Struct, frozen=True, kw_only=True):
    """One thing that a check found; `fix` says what to do, and is empty only where all is well."""

    status: Status
    text: str
    fix: str = ""
    figures: dict[str, Any] = {}  # for programs


class NotLooked(Exception):
    """What the check needs is away, which another check tells; the message names that one."""


class Finding(Struct, frozen=True, kw_only=True):
    """What was said, and by which check."""

    check: str
    status: Status
    text: str
    fix: str = ""
    figures: dict[str, Any] = {}


class Check(Struct, frozen=True, kw_only=True):
    """One look. `look` may raise NotLooked, and anything else that it has no word for."""

    name: str
    look: Callable[[], Iterable[Said]]
    seconds: float = 10.0  # after which it is given up


def ok(text: str, **figures: Any) -> Said:
    """All is well."""
    return Said(status="ok", text=text, figures=figures)


def warn(text: str, fix: str, **figures: Any) -> Said:
    """It works, and something should be done."""
    return Said(status="warn", text=text, fix=fix, figures=figures)


def fail(text: str, fix: str, **figures: Any) -> Said:
    """It does not work."""
    return Said(status="fail", text=text, fix=fix, figures=figures)
