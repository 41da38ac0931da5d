"""Each type of receiver has its way, and each platform's answers mean what it documents."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from infra.channels.channel import Limits
from infra.channels.guard import Guard
from infra.channels.http_channel import HttpChannel
from infra.channels.open_channels import Channels
from infra.channels.post import Post
from infra.channels.slack import channel
from infra.deliver.records import Attempt, Letter
from infra.receivers import (
    AlertmanagerReceiver,
    PagerDutyReceiver,
    Receiver,
    SlackReceiver,
    TeamsReceiver,
)

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
TOKEN = "Xq3mPvtoken9"
MakeLetter = Callable[..., Letter]


def slack_at(url: str) -> Receiver:
    return SlackReceiver(name="team", type="slack", url=SecretStr(f"{url}/{TOKEN}"))


def teams_at(url: str) -> Receiver:
    return TeamsReceiver(name="team", type="teams", url=SecretStr(f"{url}?sig={TOKEN}"))


def pagerduty_at(url: str) -> Receiver:
    return PagerDutyReceiver(name="team", type="pagerduty", url=url, routing_key=SecretStr(TOKEN))


def alertmanager_at(url: str) -> Receiver:
    return AlertmanagerReceiver(name="team", type="alertmanager", url=url, token=SecretStr(TOKEN))


@pytest.fixture
def exchange(play: SimpleNamespace, make_letter: MakeLetter) -> Callable[..., Any]:
    """One attempt of a receiver at a behaviour: the attempt, and what was received."""

    def run(receiver_at: Callable[[str], Receiver], behaviour: Any) -> tuple[Attempt, Any]:
        async def attempt() -> tuple[Attempt, Any]:
            async with play.receiver(behaviour) as hook:
                channels = Channels(["127.0.0.1"])
                made = await channels.send(receiver_at(hook.url), make_letter(), now=NOW)
                await channels.close()
                await channels.close()
                return replace(made, latency_ms=0), hook

        return asyncio.run(attempt())

    return run


@pytest.mark.parametrize(
    ("receiver_at", "status", "outcome"),
    [
        (slack_at, 200, "delivered"),
        (slack_at, 400, "gave_up"),  # invalid_payload: it never will be another
        (slack_at, 403, "retry"),  # action_prohibited: an administrator may change it
        (slack_at, 404, "retry"),
        (slack_at, 410, "gave_up"),  # channel_is_archived
        (slack_at, 413, "gave_up"),
        (slack_at, 429, "retry"),
        (slack_at, 500, "retry"),
        (teams_at, 202, "delivered"),
        (teams_at, 400, "gave_up"),
        (teams_at, 401, "retry"),
        (teams_at, 413, "gave_up"),
        (pagerduty_at, 202, "delivered"),
        (pagerduty_at, 400, "gave_up"),  # invalid event
        (pagerduty_at, 429, "retry"),
        (pagerduty_at, 500, "retry"),
        (alertmanager_at, 200, "delivered"),
        (alertmanager_at, 400, "retry"),
        (alertmanager_at, 301, "retry"),
    ],
)
def test_an_answer_means_what_the_platform_documents(
    exchange: Callable[..., Any],
    play: SimpleNamespace,
    receiver_at: Callable[[str], Receiver],
    status: int,
    outcome: str,
) -> None:
    behaviour = play.answers(status, headers="retry-after: 30\r\n", body=b"because")
    attempt, hook = exchange(receiver_at, behaviour)
    assert (attempt.outcome, attempt.status) == (outcome, status)
    assert attempt.wait_seconds == (30 if status == 429 else 0)
    assert attempt.gone == (status == 410)
    assert len(hook.requests) == 1


@pytest.mark.parametrize("receiver_at", [slack_at, teams_at, pagerduty_at, alertmanager_at])
def test_a_token_that_is_said_back_is_not_logged(
    exchange: Callable[..., Any], play: SimpleNamespace, receiver_at: Callable[[str], Receiver]
) -> None:
    attempt, _ = exchange(receiver_at, play.answers(404, body=f"no such {TOKEN}".encode()))
    assert attempt.detail == "answered 404: no such [secret]"


@pytest.mark.parametrize("receiver_at", [slack_at, teams_at, pagerduty_at, alertmanager_at])
def test_no_way_reaches_our_own_network(
    make_letter: MakeLetter, receiver_at: Callable[[str], Receiver]
) -> None:
    async def attempt() -> Attempt:
        channels = Channels(())
        receiver = receiver_at("http://169.254.169.254/latest/meta-data")
        made = await channels.send(receiver, make_letter(), now=NOW)
        await channels.close()
        return made

    made = asyncio.run(attempt())
    assert (made.outcome, made.status) == ("retry", 0)
    assert "allow_hosts" in made.detail


@pytest.mark.parametrize("token", ["hünter2", "hunter2\n"])
def test_a_token_that_no_header_can_hold_is_a_retry_without_showing_it(
    exchange: Callable[..., Any], play: SimpleNamespace, token: str
) -> None:
    def receiver_at(url: str) -> Receiver:
        return AlertmanagerReceiver(
            name="team", type="alertmanager", url=url, token=SecretStr(token)
        )

    attempt, hook = exchange(receiver_at, play.answers(200))
    assert (attempt.outcome, attempt.status) == ("retry", 0)
    assert attempt.detail in (
        "receivers.team is set wrongly: a header, such as a token, is not ASCII",
        "the connection failed (LocalProtocolError)",
    )
    assert hook.requests == []


def test_a_token_is_sent_as_a_bearer(exchange: Callable[..., Any], play: SimpleNamespace) -> None:
    _, hook = exchange(alertmanager_at, play.answers(200))
    ((headers, _),) = hook.requests
    assert headers["authorization"] == f"Bearer {TOKEN}"


def test_every_type_of_receiver_has_its_way() -> None:
    async def ways() -> list[Limits]:
        channels = Channels(())
        one_each: list[Any] = [one.model_construct(name="team") for one in get_args(Receiver)]
        limits = [channels.limits(one) for one in one_each]
        await channels.close()
        return limits

    limits = asyncio.run(ways())
    assert len(limits) == 11
    assert all({"opened", "resolved", "test"} <= one.takes for one in limits)


def test_limits_are_those_of_the_platform() -> None:
    channels = Channels(())
    limits = [channels.limits(at("https://example.com/hook")) for at in (slack_at, pagerduty_at)]
    assert [one.entries for one in limits] == [20, 1]
    assert ["acknowledged" in one.takes for one in limits] == [False, True]
    asyncio.run(channels.close())


def test_a_channel_refuses_a_receiver_of_another_type(make_letter: MakeLetter) -> None:
    post = Post(Guard(()))
    way = channel(post)
    assert isinstance(way, HttpChannel)
    with pytest.raises(TypeError, match="no SlackReceiver"):
        asyncio.run(way.send(pagerduty_at("https://example.com"), make_letter(), now=NOW))
    asyncio.run(post.close())
