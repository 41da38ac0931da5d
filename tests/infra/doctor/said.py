"""What a check said, by what it is called."""

from collections.abc import Iterable
from typing import NamedTuple

from infra.doctor.finding import Said


class Heard(NamedTuple):
    """All that was said."""

    statuses: list[str]
    text: str
    fix: str


def heard(said: Iterable[Said]) -> Heard:
    """Everything; a trouble without a word on what to do is a bug of the check."""
    found = list(said)
    assert all(one.fix for one in found if one.status != "ok"), found
    assert all(not one.fix for one in found if one.status == "ok"), found
    return Heard(
        [one.status for one in found],
        "; ".join(one.text for one in found),
        "; ".join(one.fix for one in found if one.fix),
    )
