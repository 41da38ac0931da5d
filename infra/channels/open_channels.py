"""The ways out that there are: which takes a receiver's messages, by the receiver's type."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from infra.channels import (
    alertmanager,
    apprise_way,
    dingtalk,
    email,
    feishu,
    grafana,
    pagerduty,
    slack,
    teams,
    webhook,
    wecom,
)
from infra.channels.channel import Channel, Limits
from infra.channels.guard import Guard
from infra.channels.post import TIMEOUTS, Post, Timeouts
from infra.channels.webhook_body import OBJECTIVE
from infra.deliver.records import Attempt, Letter
from infra.receivers import (
    AlertmanagerReceiver,
    AppriseReceiver,
    DingTalkReceiver,
    EmailReceiver,
    FeishuReceiver,
    GrafanaReceiver,
    PagerDutyReceiver,
    Receiver,
    SlackReceiver,
    TeamsReceiver,
    WebhookReceiver,
    WeComReceiver,
)


class Channels:
    """All ways out, guarded against calling our own network. Lives on one event loop.

    `allow_hosts` are hosts that may be private or loopback.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str] = (),
        *,
        page_url: str = "",
        objective_seconds: float = OBJECTIVE,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        """`page_url` is where Groundswell's own page is, `objective_seconds` how soon to tell."""
        guard = Guard(allow_hosts)
        self._post = post = Post(guard, timeouts=timeouts)
        self._ways: dict[type[BaseModel], Channel] = {
            WebhookReceiver: webhook.channel(post, objective_seconds=objective_seconds),
            AlertmanagerReceiver: alertmanager.channel(post, page_url=page_url),
            SlackReceiver: slack.channel(post),
            TeamsReceiver: teams.channel(post),
            FeishuReceiver: feishu.channel(post),
            DingTalkReceiver: dingtalk.channel(post),
            WeComReceiver: wecom.channel(post),
            PagerDutyReceiver: pagerduty.channel(post),
            EmailReceiver: email.channel(guard),
            AppriseReceiver: apprise_way.channel(guard),
            GrafanaReceiver: grafana.channel(guard),
        }

    def limits(self, receiver: Receiver) -> Limits:
        """What its platform takes."""
        return self._ways[type(receiver)].limits

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """One attempt; never raises for anything the receiver, its address or the network does."""
        return await self._ways[type(receiver)].send(receiver, letter, now=now)

    async def close(self) -> None:
        """Let go of connections. Idempotent."""
        for way in self._ways.values():
            await way.close()
        await self._post.close()
