"""Severity as systems on call name it."""

from typing import Literal

Level = Literal["critical", "error", "warning", "info"]


def level(severity: int) -> Level:
    """The word for 1 to 10.

    >>> [level(n) for n in (10, 9, 7, 4, 1)]
    ['critical', 'critical', 'error', 'warning', 'info']
    """
    if severity >= 9:
        return "critical"
    if severity >= 7:
        return "error"
    return "warning" if severity >= 4 else "info"
