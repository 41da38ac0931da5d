"""What to do about an incident: buttons that lead to its page."""

from typing import Literal

from msgspec import Struct

from forecasting.phrases import WORDINGS
from infra.deliver.records import Letter


class Action(Struct, frozen=True, kw_only=True):
    """A button: leads to the incident's page, where the thing is done."""

    name: Literal["open", "acknowledge", "not_a_crisis", "silence"]
    label: str
    url: str


def actions_of(letter: Letter) -> list[Action]:
    """What to do about a story, the most needed first; nothing where no page is set.

    Each leads to the incident's page: a link alone changes nothing, as chats open links themselves.
    """
    if len(letter.entries) > 1 or not letter.entries[0].link:
        return []
    words, (entry,) = WORDINGS[letter.language].notice, letter.entries
    opened = Action(name="open", label=words.open_incident, url=entry.link)
    if entry.kind in ("resolved", "test"):
        return [opened]
    acknowledge = Action(
        name="acknowledge", label=words.acknowledge, url=f"{entry.link}#acknowledge"
    )
    return [
        opened,
        *([] if entry.kind == "acknowledged" else [acknowledge]),
        Action(name="not_a_crisis", label=words.not_a_crisis, url=f"{entry.link}#not-a-crisis"),
        Action(name="silence", label=words.silence, url=f"{entry.link}#silence"),
    ]


def open_label(letter: Letter) -> str:
    """Of a button or link to an incident's page."""
    return WORDINGS[letter.language].notice.open_incident
