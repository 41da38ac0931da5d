"""The double beside the real ways out keeps to what is asked of both."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from forecasting.records import IncidentEvent
from infra.channels.channel import Ways
from infra.channels.open_channels import Channels
from infra.channels.scripted import ScriptedChannels
from infra.deliver.records import Attempt, Entry, Letter
from infra.receivers import WebhookReceiver

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)


@pytest.mark.parametrize(("status", "outcome"), [(200, "delivered"), (500, "retry")])
@pytest.mark.parametrize("make", [Channels, ScriptedChannels])
def test_one_attempt_says_what_became_of_it(
    make: Callable[..., Ways],
    status: int,
    outcome: str,
    make_event: Callable[..., IncidentEvent],
    make_receiver: Callable[..., WebhookReceiver],
    play: SimpleNamespace,
) -> None:
    letter = Letter(notice_id="northwind.1.1", entries=(Entry(kind="opened", event=make_event()),))

    async def scenario() -> Attempt:
        async with play.receiver(play.answers(status)) as hook:
            said = Attempt(outcome=outcome, status=status)  # type: ignore[arg-type]
            ways = make(["127.0.0.1"]) if make is Channels else make(said)
            receiver = make_receiver(hook.url)
            assert ways.limits(receiver).entries == 1
            attempt = await ways.send(receiver, letter, now=NOW)
            await ways.close()
            await ways.close()
            return attempt

    attempt = asyncio.run(scenario())
    assert (attempt.outcome, attempt.status, attempt.gone) == (outcome, status, False)
