"""Microsoft Teams: an adaptive card to a workflow that posts it.

A stranger's words stand in text runs, which know no markdown; a TextBlock would. Limits:
learn.microsoft.com/connectors/teams (28 KB) and .../add-incoming-webhook (four a second).
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from infra.channels import text
from infra.channels.actions import actions_of
from infra.channels.channel import Channel, Limits, Request
from infra.channels.fit import cut, fits
from infra.channels.http_channel import HttpChannel, refusing
from infra.channels.post import Post
from infra.channels.quotes import Quote, quotes_of, spoken
from infra.channels.tone import Tone, tone_of
from infra.deliver.records import Letter
from infra.receivers import TeamsReceiver

Element = dict[str, object]

LIMITS = Limits(entries=20, per_minute=60)
MAX_BYTES = 27_000  # the limit is "about 28 KB"
TITLE, TEXT = 300, 6_000
STYLES: dict[Tone, str] = {
    "open": "attention",
    "seen": "warning",
    "over": "good",
    "test": "emphasis",
}


def channel(sender: Post) -> Channel:
    """The way to Teams. What it calls invalid (400) or too large (413) it will never take."""
    return HttpChannel(sender, TeamsReceiver, request, limits=LIMITS, judge=refusing(400, 413))


def request(receiver: TeamsReceiver, letter: Letter, now: datetime) -> Request:  # noqa: ARG001
    """The card, to the receiver's address."""
    return Request(
        url=receiver.url.get_secret_value(),
        body=body(letter),
        headers={"content-type": "application/json"},
    )


def body(letter: Letter) -> bytes:
    """The message with its card, in at most MAX_BYTES: examples go first, then lines."""
    made = b""
    for card in _ever_smaller(letter):
        attachment = {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": card,
        }
        made = msgspec.json.encode({"type": "message", "attachments": [attachment]})
        if len(made) <= MAX_BYTES:
            break
    return made


def _ever_smaller(letter: Letter) -> Iterator[Element]:
    for most, characters in ((5, TEXT), (3, TEXT), (0, TEXT), (0, TEXT // 2), (0, 1_000)):
        yield _card(letter, quotes=quotes_of(letter, most=most), most=characters)


def _card(letter: Letter, *, quotes: list[Quote], most: int) -> Element:
    title = {"type": "RichTextBlock", "inlines": [_run(cut(text.title(letter), TITLE), bold=True)]}
    body: list[Element] = [
        {"type": "Container", "style": STYLES[tone_of(letter)], "bleed": True, "items": [title]}
    ]
    if len(letter.entries) > 1:
        body += [_line([_run(line, url=link)]) for line, link in text.digest_lines(letter)]
        body += [_line([_run(more)]) for more in [text.more(letter)] if more]
    else:
        body += [_line([_run(line)]) for line in fits(text.lines(letter), most)]
        body += [_line([_run(q.label, url=q.url), _run(f" {spoken(q, letter)}")]) for q in quotes]
    actions = [
        {"type": "Action.OpenUrl", "title": action.label, "url": action.url}
        for action in actions_of(letter)
    ]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": letter.language,
        "fallbackText": cut(text.title(letter), TITLE),
        "msteams": {"width": "Full"},
        "body": body,
        **({"actions": actions} if actions else {}),
    }


def _line(runs: list[Element]) -> Element:
    return {"type": "RichTextBlock", "inlines": runs, "spacing": "Small"}


def _run(words: str, *, url: str = "", bold: bool = False) -> Element:
    run: Element = {"type": "TextRun", "text": words}
    if bold:
        run |= {"weight": "Bolder", "size": "Medium"}
    return {**run, "selectAction": {"type": "Action.OpenUrl", "url": url}} if url else run
