"""What each way out sends of the same letters, as files to read.

GOLDEN=write in the environment of their tests writes them anew.
"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
from pydantic import SecretStr

from forecasting.phrases import Language
from infra.channels import (
    alertmanager,
    dingtalk,
    feishu,
    pagerduty,
    slack,
    teams,
    webhook,
    wecom,
)
from infra.channels.channel import Channel, Limits, Request
from infra.channels.post import Post, Reply
from infra.channels.webhook_schema import PATH
from infra.deliver.records import Letter
from infra.receivers import (
    AlertmanagerReceiver,
    DingTalkReceiver,
    FeishuReceiver,
    PagerDutyReceiver,
    Receiver,
    SlackReceiver,
    TeamsReceiver,
    WebhookReceiver,
    WeComReceiver,
)
from tests.platform_letters import NOW, PAGE, letters

FOLDER = Path(__file__).parent / "golden"

WAYS: dict[str, tuple[Callable[[Post], Channel], Receiver]] = {
    "webhook": (
        webhook.channel,
        WebhookReceiver(
            name="team",
            url="https://hooks.example.com/groundswell",
            secret=SecretStr("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"),
            old_secrets=(SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),),
        ),
    ),
    "alertmanager": (
        lambda post: alertmanager.channel(post, page_url=PAGE),
        AlertmanagerReceiver(
            name="team",
            type="alertmanager",
            url="https://hooks.example.com/alerts",
            token=SecretStr("token-of-a-test"),
        ),
    ),
    "slack": (
        slack.channel,
        SlackReceiver(
            name="team",
            type="slack",
            url=SecretStr("https://hooks.example.com/services/T0/B0/test"),
        ),
    ),
    "teams": (
        teams.channel,
        TeamsReceiver(
            name="team", type="teams", url=SecretStr("https://flow.example.com/workflows/test")
        ),
    ),
    "pagerduty": (
        pagerduty.channel,
        PagerDutyReceiver(name="team", type="pagerduty", routing_key=SecretStr("key-of-a-test")),
    ),
    "feishu": (
        feishu.channel,
        FeishuReceiver(
            name="team",
            type="feishu",
            url=SecretStr("https://open.feishu.cn/open-apis/bot/v2/hook/0123456789"),
            secret=SecretStr("s3cret"),
        ),
    ),
    "dingtalk": (
        dingtalk.channel,
        DingTalkReceiver(
            name="team",
            type="dingtalk",
            url=SecretStr("https://oapi.dingtalk.com/robot/send?access_token=0123456789"),
            secret=SecretStr("SEC0123"),
        ),
    ),
    "wecom": (
        wecom.channel,
        WeComReceiver(
            name="team",
            type="wecom",
            url=SecretStr("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789"),
        ),
    ),
}


SCHEMAS = Path(__file__).parent / "schemas"


def schema_of(way: str) -> dict[str, Any]:
    file = PATH if way == "webhook" else SCHEMAS / f"{way}.json"
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


PUBLISHED = ("webhook", "alertmanager", "slack", "teams", "pagerduty")
CHECKS = {way: jsonschema.Draft202012Validator(schema_of(way)) for way in PUBLISHED}


class Recorder(Post):
    """Sends nothing, answers 200, and keeps what it was given."""

    def __init__(self) -> None:  # no client is opened
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Reply:
        """Keep it."""
        self.requests.append(request)
        return Reply(status=200)


def sent(way: str, letter: Letter) -> Request:
    """What this way sends of a letter."""

    async def record() -> Request:
        recorder = Recorder()
        channel, receiver = WAYS[way]
        await channel(recorder).send(receiver, letter, now=NOW)
        return recorder.requests[0]

    return asyncio.run(record())


def taken(language: Language, limits: Limits) -> dict[str, Letter]:
    """The letters that a way with these limits is given, by their sort."""
    return {
        name: letter
        for name, letter in letters(language).items()
        if len(letter.entries) <= limits.entries
        and {entry.kind for entry in letter.entries} <= limits.takes
    }


def requests(way: str, language: Language) -> dict[str, Any]:
    """The requests of a way in a language, by the sort of letter."""
    made = {}
    for name, letter in taken(language, WAYS[way][0](Recorder()).limits).items():
        request = sent(way, letter)
        made[name] = {
            "url": request.url,
            "headers": request.headers,
            "body": json.loads(request.body),
        }
    return made


def kept(name: str) -> dict[str, Any]:
    """What a file says."""
    said: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return said


def check_golden(name: str, made: dict[str, Any]) -> None:
    """What is made is what the file says."""
    said = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("GOLDEN") == "write":
        (FOLDER / name).write_text(said, encoding="utf-8")
    assert (FOLDER / name).read_text("utf-8") == said, "GOLDEN=write writes it anew"
