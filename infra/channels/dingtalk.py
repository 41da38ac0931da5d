"""DingTalk: markdown by a group's custom robot, signed in the url.

As open.dingtalk.com describes custom robots. It shows no single line breaks.
"""

import hmac
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

import msgspec

from infra.channels.channel import Channel, Limits, Request
from infra.channels.coded import judge_coded
from infra.channels.http_channel import HttpChannel
from infra.channels.plain_markdown import linked, plain, row
from infra.channels.post import Post
from infra.channels.sheet import Sheet, fitting
from infra.deliver.records import Letter
from infra.receivers import DingTalkReceiver

LIMITS: Final = Limits(entries=40, per_minute=20)
MOST: Final = 20_000
JUDGE: Final = judge_coded(
    "errcode",
    "errmsg",
    busy=(130101, 410100),
    refused=(430101, 430102, 430103, 430104),  # links or words that it finds unfit
    gone=(400013,),  # the group was dissolved
)
"""310000: the signature, our clock, the keyword or our address; 300001: no such robot."""


def channel(sender: Post) -> Channel:
    """All that is sent to receivers of this type."""
    return HttpChannel(sender, DingTalkReceiver, request, limits=LIMITS, judge=JUDGE)


def request(receiver: DingTalkReceiver, letter: Letter, now: datetime) -> Request:
    """The POST, signed for `now` if the receiver has a secret."""
    url = receiver.url.get_secret_value()
    if receiver.secret is not None:
        timestamp = round(now.timestamp() * 1000)
        sign = signature(receiver.secret.get_secret_value(), timestamp)
        url += ("&" if "?" in url else "?") + urlencode({"timestamp": timestamp, "sign": sign})
    return Request(
        url=url,
        body=fitting(letter, _body, MOST),
        headers={"content-type": "application/json; charset=utf-8"},
    )


def signature(secret: str, timestamp: int) -> str:
    """Of a POST at `timestamp` (milliseconds)."""
    signed = f"{timestamp}\n{secret}".encode()
    return b64encode(hmac.digest(secret.encode(), signed, sha256)).decode()


def _body(sheet: Sheet) -> bytes:
    paragraphs = [f"#### {plain(sheet.title)}", *(linked(line) for line in sheet.lines)]
    paragraphs += [row(lines) for lines in (sheet.links, sheet.actions) if lines]
    return msgspec.json.encode(
        {
            "msgtype": "markdown",
            # The title is what a phone shows before the message is opened.
            "markdown": {"title": plain(sheet.title), "text": "\n\n".join(paragraphs)},
            "at": {"isAtAll": False},
        }
    )
