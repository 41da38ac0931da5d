"""Whatever else apprise can send to: https://github.com/caronc/apprise lists the kinds of url."""

import asyncio
import importlib.util
import os
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from forecasting.phrases import one_line
from infra.channels import text
from infra.channels.apprise_process import Order, Result
from infra.channels.channel import Channel, Limits
from infra.channels.guard import Guard, blocked
from infra.deliver.records import Attempt, Letter
from infra.receivers import AppriseReceiver, Receiver

LIMITS: Final = Limits(entries=20, per_minute=20)
"""For services of which nothing is known; each message is a process of half a second."""

SECONDS: Final = 25.0
MISSING: Final = "apprise is not installed: pip install 'groundswell[chat]'"


def channel(guard: Guard) -> Channel:
    """All that is sent to receivers of this type."""
    return AppriseChannel(guard.allowed)


def order(receiver: AppriseReceiver, letter: Letter, allowed: Iterable[str]) -> Order:
    """What is sent: plain text, which each service puts into its own form and escapes."""
    _, *lines = text.plain(letter).split("\n")
    return Order(
        url=receiver.url.get_secret_value(),
        title=one_line(text.title(letter)),
        body="\n".join(one_line(line) for line in lines),
        allowed=tuple(allowed),
    )


class AppriseChannel:
    """Runs apprise in a process of its own. All it says is whether it sent.

    So no attempt holds a word of apprise, of the service or of the url: these are secrets.
    """

    def __init__(self, allowed: Iterable[str], *, seconds: float = SECONDS) -> None:
        """`allowed` are hosts that may be private."""
        self.limits = LIMITS
        self._allowed = tuple(allowed)
        self._seconds = seconds

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:  # noqa: ARG002
        """One attempt. Raises TypeError for a receiver of another type."""
        if not isinstance(receiver, AppriseReceiver):
            raise TypeError(f"{receiver.name} is no AppriseReceiver")
        if importlib.util.find_spec("apprise") is None:
            return Attempt(outcome="retry", detail=MISSING)
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._seconds):
                result = await _run(order(receiver, letter, self._allowed))
            attempt = _judge(result, receiver.name)
        except TimeoutError:
            attempt = Attempt(outcome="retry", detail=f"no end within {self._seconds:g} s")
        return replace(attempt, latency_ms=round(1000 * (clock() - began)))

    async def close(self) -> None:
        """Nothing is kept open."""


async def _run(order: Order) -> Result | None:
    """What the process says; None if it says nothing. It does not outlive this call."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.channels.apprise_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # it may say secrets
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )
    try:
        said, _ = await process.communicate(msgspec.json.encode(order))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        return msgspec.json.decode(said, type=Result)
    except msgspec.DecodeError:
        return None


def _judge(result: Result | None, name: str) -> Attempt:
    if result is None:
        return Attempt(outcome="retry", detail="apprise ended without a word")
    if not result.known:
        return Attempt(outcome="retry", detail=f"receivers.{name}: apprise cannot read the url")
    if result.sent:
        return Attempt(outcome="delivered")
    if result.blocked:
        return Attempt(outcome="retry", detail=blocked(result.blocked))
    return Attempt(outcome="retry", detail="the service did not take it (apprise says no more)")
