"""What docs/delivery-ways.md has for settings is read as settings, and its numbers are ours."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from infra.channels import apprise_way, dingtalk, email, feishu, wecom
from infra.receivers import Receiver, ReceiverSettings

TEXT = (Path(__file__).parents[3] / "docs" / "delivery-ways.md").read_text("utf-8")
WAYS = {
    "Feishu": (feishu.LIMITS, "messages"),
    "DingTalk": (dingtalk.LIMITS, "messages"),
    "WeCom": (wecom.LIMITS, "messages"),
    "Mail": (email.LIMITS, "mails"),
    "Everything": (apprise_way.LIMITS, "messages"),
}


def test_every_block_is_a_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter: TypeAdapter[Receiver] = TypeAdapter(ReceiverSettings)
    types = set()
    for block in re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE):
        for name in re.findall(r"env: (\w+)", block):
            monkeypatch.setenv(name, "https://bot.example/0123456789")
        (one,) = yaml.safe_load(block)
        types.add(adapter.validate_python(one).type)
    assert types == {"feishu", "dingtalk", "wecom", "email", "apprise", "grafana"}


@pytest.mark.parametrize("way", WAYS)
def test_limits_are_as_said(way: str) -> None:
    limits, what = WAYS[way]
    said = " ".join(re.findall(rf"^## {way}.*?(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
    words = " ".join(said.split())
    assert f"p to {limits.entries} incidents a digest, {limits.per_minute} {what} a minute" in words
