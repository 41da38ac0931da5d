"""Incidents as annotations in a Grafana: a mark when one opens, a region when it is over."""

import asyncio
import ssl
from datetime import datetime
from functools import partial
from hashlib import sha256
from html import escape
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

import httpx
from msgspec.structs import replace

from forecasting.phrases import one_line
from infra.channels import text
from infra.channels.actions import actions_of
from infra.channels.channel import Channel, Limits
from infra.channels.fit import cut, web_link
from infra.channels.grafana_client import Annotation, Pinned, face, put
from infra.channels.guard import BlockedAddressError, Guard, blocked
from infra.channels.in_thread import Threads
from infra.channels.secrecy import clean, secrets_of
from infra.deliver.records import Attempt, Letter
from infra.receivers import GrafanaReceiver, Receiver

LIMITS: Final = Limits(entries=1, takes=frozenset(("opened", "resolved", "test")))
SECONDS: Final = 20.0
TIMEOUTS: Final = (5.0, 10.0)  # to connect, of each read
TAG: Final = 100
"""Characters that Grafana keeps of a tag."""


def channel(guard: Guard) -> Channel:
    """All that is sent to receivers of this type."""
    return GrafanaChannel(guard, tls=httpx.create_ssl_context())  # that knows SSL_CERT_FILE


def annotation(receiver: GrafanaReceiver, letter: Letter) -> Annotation:
    """Of the one incident in the letter."""
    (entry,) = letter.entries
    change = entry.event.change
    # Every test is a mark of its own.
    key = _key("test:", letter.notice_id) if entry.kind == "test" else _key("", change.incident_id)
    tags = (*receiver.tags, *(["test"] if entry.kind == "test" else []), change.brand, change.kind)
    said = [f"<b>{escape(one_line(text.title(letter)))}</b>"]
    if sentence := one_line(entry.event.sentence):
        said.append(escape(cut(sentence, 500)))
    said += [
        f'<a href="{escape(web_link(one.url))}">{escape(one.label)}</a>'
        for one in actions_of(letter)[:1]
    ]
    return Annotation(
        key=key,
        tags=tuple(dict.fromkeys([*(tag for one in tags if (tag := one_line(one)[:TAG])), key])),
        text="<br>".join(said),
        begins=_ms(change.at if entry.kind == "test" else change.since),
        ends=_ms(change.at) if entry.kind == "resolved" else None,
    )


class GrafanaChannel:
    """By grafana-api, which blocks, in a thread."""

    def __init__(self, guard: Guard, *, tls: ssl.SSLContext, seconds: float = SECONDS) -> None:
        self.limits = LIMITS
        self._guard = guard
        self._tls = tls
        self._seconds = seconds
        self._threads = Threads()

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:  # noqa: ARG002
        """One attempt. Raises TypeError for a receiver of another type."""
        if not isinstance(receiver, GrafanaReceiver):
            raise TypeError(f"{receiver.name} is no GrafanaReceiver")
        clock = asyncio.get_running_loop().time
        began = clock()
        attempt = await self._attempt(receiver, letter)
        detail = clean(attempt.detail, secrets_of(receiver))
        return replace(attempt, detail=detail, latency_ms=round(1000 * (clock() - began)))

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _attempt(self, receiver: GrafanaReceiver, letter: Letter) -> Attempt:
        host = urlsplit(receiver.url).hostname or ""
        until = monotonic() + self._seconds
        try:
            async with asyncio.timeout(self._seconds):
                address = await self._guard.pin(host)
                pin = Pinned(address, self._tls)
                made = annotation(receiver, letter)
                work = partial(_put, receiver, made, pin=pin, until=until)
                return await self._threads.run(work, self._seconds)
        except BlockedAddressError:
            return Attempt(outcome="retry", detail=blocked(host))
        except TimeoutError:
            return Attempt(outcome="retry", detail=f"no answer within {self._seconds:g} s")
        except (OSError, UnicodeError):
            return Attempt(outcome="retry", detail="the host's name was not found (DNS)")


def _put(receiver: GrafanaReceiver, made: Annotation, *, pin: Pinned, until: float) -> Attempt:
    token = receiver.token.get_secret_value()
    grafana = face(receiver.url, token, pin=pin, timeouts=TIMEOUTS)
    return put(grafana, made, until=until)


def _key(mark: str, name: str) -> str:
    tag = f"incident:{mark}{one_line(name)}"
    if len(tag) <= TAG:
        return tag
    return f"incident:{mark}{sha256(name.encode()).hexdigest()[:32]}"


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
