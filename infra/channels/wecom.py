"""WeCom: markdown by a group's robot, as developer.work.weixin.qq.com describes it."""

from datetime import datetime
from typing import Final

import msgspec

from infra.channels.channel import Channel, Limits, Request
from infra.channels.coded import judge_coded
from infra.channels.http_channel import HttpChannel
from infra.channels.plain_markdown import linked, plain, row
from infra.channels.post import Post
from infra.channels.sheet import Sheet, fitting
from infra.channels.tone import Tone, tone_of
from infra.deliver.records import Letter
from infra.receivers import WeComReceiver

LIMITS: Final = Limits(entries=25, per_minute=20)
MOST: Final = 4_096
"""Bytes of the markdown, UTF-8."""

JUDGE: Final = judge_coded("errcode", "errmsg", busy=(45009,), refused=(40058,))
"""93000: no such robot, or it was taken out of its group."""

COLOURS: Final[dict[Tone, str]] = {  # it has orange red, grey and green
    "open": "warning",
    "seen": "comment",
    "over": "info",
    "test": "comment",
}


def channel(sender: Post) -> Channel:
    """All that is sent to receivers of this type."""
    return HttpChannel(sender, WeComReceiver, request, limits=LIMITS, judge=JUDGE)


def request(receiver: WeComReceiver, letter: Letter, _now: datetime) -> Request:
    """The POST. A robot's address is its password: nothing is signed."""
    colour = COLOURS[tone_of(letter)]
    content = fitting(letter, lambda sheet: _content(sheet, colour).encode(), MOST)
    body = {"msgtype": "markdown", "markdown": {"content": content.decode()}}
    return Request(
        url=receiver.url.get_secret_value(),
        body=msgspec.json.encode(body),
        headers={"content-type": "application/json; charset=utf-8"},
    )


def _content(sheet: Sheet, colour: str) -> str:
    lines = [f'**<font color="{colour}">{plain(sheet.title)}</font>**']
    lines += [linked(line) for line in sheet.lines]
    lines += [row(links) for links in (sheet.links, sheet.actions) if links]
    return "\n".join(lines)
