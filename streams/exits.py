"""How a worker process ends, so that its supervisor can say why it was started again."""

from typing import Final

CRASHED: Final = 70
"""Exit status after a bug (EX_SOFTWARE of sysexits.h)."""
OUT_OF_MEMORY: Final = 71
"""Above its memory limit (EX_OSERR)."""
STALLED: Final = 75
"""Input was waiting and nothing was acknowledged (EX_TEMPFAIL)."""

_REASONS = {CRASHED: "crashed", OUT_OF_MEMORY: "memory", STALLED: "stalled"}


def reason_of(status: int) -> str:
    """Why a process ended, in a word or two; a negative status is the signal that killed it.

    >>> reason_of(75), reason_of(-9)
    ('stalled', 'killed by signal 9')
    """
    if status < 0:
        return f"killed by signal {-status}"
    return _REASONS.get(status, f"status {status}")
