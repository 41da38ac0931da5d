"""Feishu and Lark: an interactive card by a group's custom bot, signed.

As open.feishu.cn describes custom bots and cards (version 1, which every client shows).
"""

import hmac
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from infra.channels.channel import Channel, Limits, Request
from infra.channels.coded import judge_coded
from infra.channels.http_channel import HttpChannel
from infra.channels.post import Post
from infra.channels.sheet import Line, Sheet, fitting
from infra.channels.tone import Tone, severity, tone_of
from infra.deliver.records import Letter
from infra.receivers import FeishuReceiver

LIMITS: Final = Limits(entries=40, per_minute=100)  # and 5 a second
MOST: Final = 20_000
RESERVE: Final = 200  # bytes for the signature
SEVERE: Final = 7
COLOURS: Final[dict[Tone, str]] = {
    "open": "orange",
    "seen": "grey",
    "over": "green",
    "test": "grey",
}
MEANS: Final = {ord(c): f"&#{ord(c)};" for c in "&<>*_~`[]#\\"}
"""Characters that mean something in a card's markdown, as the entities that its pages ask for."""

JUDGE: Final = judge_coded(
    "code",
    "msg",
    busy=(9499, 11232),
    refused=(19002,),  # what is in the message
)
"""19001: no such bot; 19021: signature or clock; 19022: our address; 19024: the keyword."""


def channel(sender: Post) -> Channel:
    """All that is sent to receivers of this type."""
    return HttpChannel(sender, FeishuReceiver, request, limits=LIMITS, judge=JUDGE)


def request(receiver: FeishuReceiver, letter: Letter, now: datetime) -> Request:
    """The POST, signed for `now` if the receiver has a secret."""
    tone = tone_of(letter)
    is_severe = tone == "open" and severity(letter) >= SEVERE
    colour = "red" if is_severe else COLOURS[tone]
    card = fitting(letter, lambda sheet: msgspec.json.encode(_card(sheet, colour)), MOST - RESERVE)
    body: dict[str, object] = {"msg_type": "interactive", "card": msgspec.Raw(card)}
    if receiver.secret is not None:
        timestamp = int(now.timestamp())
        body |= {
            "timestamp": str(timestamp),
            "sign": signature(receiver.secret.get_secret_value(), timestamp),
        }
    return Request(
        url=receiver.url.get_secret_value(),
        body=msgspec.json.encode(body),
        headers={"content-type": "application/json; charset=utf-8"},
    )


def signature(secret: str, timestamp: int) -> str:
    """Of a POST at `timestamp` (seconds): the key is what one would take for the message."""
    key = f"{timestamp}\n{secret}".encode()
    return b64encode(hmac.digest(key, b"", sha256)).decode()


def _card(sheet: Sheet, colour: str) -> dict[str, object]:
    elements: list[dict[str, object]] = []
    if sheet.lines:
        elements.append(_markdown("\n".join(_linked(line) for line in sheet.lines)))
    if sheet.links:
        elements.append(_markdown(" · ".join(_linked(line) for line in sheet.links)))
    if sheet.actions:
        buttons = [_button(line, is_first=n == 0) for n, line in enumerate(sheet.actions)]
        elements.append({"tag": "action", "actions": buttons})
    return {
        "config": {"wide_screen_mode": True},
        "header": {
            "template": colour,
            "title": {"tag": "plain_text", "content": sheet.title},
        },
        "elements": elements,
    }


def _button(line: Line, *, is_first: bool) -> dict[str, object]:
    return {
        "tag": "button",
        "type": "primary" if is_first else "default",
        "text": {"tag": "plain_text", "content": line.text},
        "url": line.url,
    }


def _markdown(content: str) -> dict[str, object]:
    return {"tag": "markdown", "content": content}


def _linked(line: Line) -> str:
    words = line.text.translate(MEANS)
    if words[:1] in ("-", "+"):  # else a list
        words = f"&#{ord(words[0])};{words[1:]}"
    return f"[{words}]({line.url})" if line.url else words
