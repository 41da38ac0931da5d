"""What all ways out say, before each puts it into its platform's form. Plain text throughout."""

from forecasting.evidence import Example
from infra.deliver.records import Entry, Letter

LINE = 200
"""Characters of one line of a digest."""


def title(letter: Letter) -> str:
    """One line: of one incident its headline, of several how many and which."""
    if len(letter.entries) == 1:
        return letter.entries[0].event.headline
    first = letter.entries[0].event.change.brand
    count = len(letter.entries) + letter.more
    return (
        f"{count} 起事件:{first} 等" if letter.language == "zh" else f"{count} incidents: {first} …"
    )


def lines(letter: Letter) -> list[str]:
    """What stands under the title: a story's lines, or one line an incident of a digest."""
    if len(letter.entries) > 1:
        return [_cut(entry.event.headline) for entry in letter.entries]
    (entry,) = letter.entries
    return entry.event.message.split("\n")[1:]


def examples(entry: Entry) -> tuple[Example, ...]:
    """Posts to read, without erased ones."""
    return tuple(one for one in entry.event.evidence.examples if not one.is_erased)


def severity(letter: Letter) -> int:
    """1 to 10: the worst that is open; 0 if everything in it is over."""
    return max((e.event.change.severity for e in letter.entries if e.kind != "resolved"), default=0)


def _cut(text: str) -> str:
    return text if len(text) <= LINE else text[: LINE - 1] + "…"
