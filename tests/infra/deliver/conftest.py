"""A clock and two receivers."""

import pytest

from infra.receivers import WebhookReceiver
from tests.infra.deliver.deliverers import Clock, MakeReceiver


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def team(make_receiver: MakeReceiver) -> WebhookReceiver:
    return make_receiver("https://example.com/team", "team")


@pytest.fixture
def boss(make_receiver: MakeReceiver) -> WebhookReceiver:
    return make_receiver("https://example.com/boss", "boss")
