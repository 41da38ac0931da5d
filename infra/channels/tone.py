"""How a letter sounds: how bad, whether it goes on, and the colour that says so."""

from typing import Literal

from infra.deliver.records import Entry, Letter

Tone = Literal["open", "seen", "over", "test"]
COLOURS: dict[Tone, str] = {
    "open": "#c2410c",
    "seen": "#a8a29e",
    "over": "#0f766e",
    "test": "#a8a29e",
}
"""As the page has them."""


def severity(letter: Letter) -> int:
    """1 to 10: the worst that is open; 0 if everything in it is over."""
    return max((e.event.change.severity for e in letter.entries if is_open(e)), default=0)


def is_open(entry: Entry) -> bool:
    """Whether it goes on."""
    return entry.kind != "resolved"


def tone_of(letter: Letter) -> Tone:
    """What the colour should say."""
    if any(entry.kind == "test" for entry in letter.entries):
        return "test"
    if all(not is_open(entry) for entry in letter.entries):
        return "over"
    if all(entry.kind in ("resolved", "acknowledged") for entry in letter.entries):
        return "seen"
    return "open"
