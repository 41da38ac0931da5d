"""Slack: blocks to an incoming webhook.

A stranger's words stand in plain_text, which knows no links, mentions or marks; mrkdwn holds our
own words and checked links only. Limits: docs.slack.dev/reference/block-kit and its page on rates.
"""

from datetime import datetime

import msgspec

from infra.channels import text
from infra.channels.actions import actions_of, open_label
from infra.channels.channel import Channel, Limits, Request
from infra.channels.fit import cut, fits
from infra.channels.http_channel import HttpChannel, refusing
from infra.channels.post import Post
from infra.channels.quotes import quotes_of, spoken
from infra.deliver.records import Letter
from infra.receivers import SlackReceiver

Block = dict[str, object]

LIMITS = Limits(entries=20, per_minute=60)
HEADER, TEXT, BUTTON, URL, FALLBACK = 150, 3_000, 75, 3_000, 1_000
"""Characters of a header, of a section, of a button and its url, of what a notification shows."""


def channel(sender: Post) -> Channel:
    """The way to Slack. What it calls invalid (400) or too large (413) it will never take."""
    return HttpChannel(sender, SlackReceiver, request, limits=LIMITS, judge=refusing(400, 413))


def request(receiver: SlackReceiver, letter: Letter, now: datetime) -> Request:  # noqa: ARG001
    """The blocks, to the receiver's address."""
    return Request(
        url=receiver.url.get_secret_value(),
        body=msgspec.json.encode(body(letter)),
        headers={"content-type": "application/json"},
    )


def body(letter: Letter) -> dict[str, object]:
    """The message."""
    title = text.title(letter)
    blocks: list[Block] = [{"type": "header", "text": _plain(title, HEADER)}]
    blocks += _digest(letter) if len(letter.entries) > 1 else _story(letter)
    return {
        "text": escape(cut(title, FALLBACK)),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks,
    }


def escape(words: str) -> str:
    """Words that are no markup: what Slack asks to be escaped, and nothing else."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _story(letter: Letter) -> list[Block]:
    quotes = quotes_of(letter, most=3)
    said = [spoken(q, letter) for q in quotes]
    story = "\n".join(fits([*text.lines(letter), *said], TEXT))
    blocks: list[Block] = [{"type": "section", "text": _plain(story, TEXT)}] if story else []
    links = [f"<{escape(q.url)}|{q.label}>" for q in quotes if q.url]
    if links:
        said_links = {"type": "mrkdwn", "text": "→ " + " · ".join(links), "verbatim": True}
        blocks.append({"type": "context", "elements": [said_links]})
    actions = actions_of(letter)
    buttons = [_button(a.label, a.url, a.name, first=a.name == "open") for a in actions]
    buttons = [button for button in buttons if button]
    return [*blocks, {"type": "actions", "elements": buttons}] if buttons else blocks


def _digest(letter: Letter) -> list[Block]:
    label = open_label(letter)
    blocks: list[Block] = []
    for n, (line, link) in enumerate(text.digest_lines(letter), 1):
        button = _button(label, link, f"open_{n}")
        accessory = {"accessory": button} if button else {}
        blocks.append({"type": "section", "text": _plain(line, TEXT), **accessory})
    more = text.more(letter)
    if more:
        blocks.append({"type": "context", "elements": [_plain(more, TEXT)]})
    return blocks


def _plain(words: str, most: int) -> Block:
    return {"type": "plain_text", "text": cut(words, most), "emoji": False}


def _button(label: str, url: str, name: str, *, first: bool = False) -> Block:
    if not url or len(url) > URL:
        return {}
    button: Block = {"type": "button", "action_id": name, "url": url}
    button["text"] = _plain(label, BUTTON)
    return {**button, "style": "primary"} if first else button
