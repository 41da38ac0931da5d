"""No secret of a receiver is ever said."""

import pytest
from pydantic import SecretStr

from infra.channels.secrecy import MARK, clean, secrets_of
from infra.receivers import (
    AlertmanagerReceiver,
    AppriseReceiver,
    PagerDutyReceiver,
    Receiver,
    SlackReceiver,
    WebhookReceiver,
    address_of,
)
from tests.infra.channels.golden import WAYS, sent
from tests.platform_letters import letters

SLACK = "https://hooks.slack.com/services/T024BE7LH/B024BE7LK/Xq3mPvtoken9"
RECEIVERS: list[tuple[Receiver, list[str]]] = [
    (
        SlackReceiver(name="a", type="slack", url=SecretStr(SLACK)),
        [SLACK, "/services/T024BE7LH/B024BE7LK/Xq3mPvtoken9", "B024BE7LK", "Xq3mPvtoken9"],
    ),
    (
        SlackReceiver(
            name="a", type="slack", url=SecretStr("https://x.example/hook?key=ab%2Fc1d2e3&v=1")
        ),
        ["ab%2Fc1d2e3", "ab/c1d2e3"],
    ),
    (
        WebhookReceiver(
            name="a",
            url="https://ann:pass%20word@example.com/hook?token=abc123def",
            secret=SecretStr("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"),
            old_secrets=(SecretStr("whsec_b2xkZXI="),),
        ),
        [
            "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", "whsec_b2xkZXI=", "b2xkZXI", "b2xkZXI%3D",
            "abc123def", "pass%20word", "pass word",
        ],
    ),
    (
        AlertmanagerReceiver(
            name="a", type="alertmanager", url="https://example.com", token=SecretStr("hunter2")
        ),
        ["hunter2"],
    ),
    (
        PagerDutyReceiver(name="a", type="pagerduty", routing_key=SecretStr("R0123456789")),
        ["R0123456789"],
    ),
    (
        AppriseReceiver(name="a", type="apprise", url=SecretStr("tgram://123456:AbCdEf1/42")),
        ["123456", "AbCdEf1"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("receiver", "secrets"), RECEIVERS)
def test_what_is_said_back_is_said_without_it(receiver: Receiver, secrets: list[str]) -> None:
    for secret in secrets:
        said = clean(f"no such hook: {secret}, try again", secrets_of(receiver))
        assert secret not in said
        assert MARK in said
        assert said.startswith("no such hook: ")
        assert said.endswith(", try again")


def test_where_it_is_is_no_secret() -> None:
    address = SecretStr("https://hooks2.a-long-name-of-a-company.example:8443/Xq3mPvtoken9")
    receiver = SlackReceiver(name="a", type="slack", url=address)
    said = "hooks2.a-long-name-of-a-company.example refused it"
    assert clean(said, secrets_of(receiver)) == said


def test_words_of_an_address_are_no_secrets() -> None:
    receiver = SlackReceiver(name="a", type="slack", url=SecretStr(SLACK))
    said = "no_service: hooks.slack.com has no such services"
    assert clean(said, secrets_of(receiver)) == said


def test_an_address_that_is_none_is_a_secret_as_a_whole() -> None:
    receiver = AppriseReceiver(name="a", type="apprise", url=SecretStr("http://[::1"))
    assert clean("bad url http://[::1", secrets_of(receiver)) == f"bad url {MARK}"


def test_what_is_said_is_one_short_line_that_can_be_printed() -> None:
    said = clean("a\r\n\x1b[2Jb\u202ec" + "d" * 500, ())
    assert said.isprintable()
    assert len(said) == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_request_that_is_printed_shows_no_secret(way: str) -> None:
    request = sent(way, letters("en")["opened"])
    for secret in secrets_of(WAYS[way][1]):
        assert secret not in f"{request!r} {request}"


@pytest.mark.parametrize(
    ("receiver", "shown"),
    [
        (
            WebhookReceiver(
                name="a",
                url="https://ann:hunter2@example.com:8443/hook?token=hunter2",
                secret=SecretStr("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"),
            ),
            "https://example.com:8443/hook?…",
        ),
        (SlackReceiver(name="a", type="slack", url=SecretStr(SLACK)), "https://hooks.slack.com/…"),
        (AppriseReceiver(name="a", type="apprise", url=SecretStr("tgram://1:Ab/42")), "tgram://…"),
        (
            PagerDutyReceiver(name="a", type="pagerduty", routing_key=SecretStr("R0123456789")),
            "https://events.pagerduty.com/v2/enqueue",
        ),
    ],
)
def test_where_a_receiver_is_is_told_without_secrets(receiver: Receiver, shown: str) -> None:
    assert address_of(receiver) == shown
