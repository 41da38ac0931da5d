"""Feishu, DingTalk and WeCom: what is sent, what their answers mean."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from infra.channels import dingtalk, feishu, wecom
from infra.channels.channel import Request
from infra.channels.guard import Guard
from infra.channels.post import Post
from infra.deliver.records import Attempt, Letter
from infra.receivers import DingTalkReceiver, FeishuReceiver
from tests.infra.channels.golden import WAYS as ALL
from tests.platform_letters import (
    NOW,
    PAGE,
    digest,
    entry,
    event,
    hostile_letters,
    letter,
    letters,
)

(_, FEISHU), (_, DINGTALK) = ALL["feishu"], ALL["dingtalk"]
assert isinstance(FEISHU, FeishuReceiver)
assert isinstance(DINGTALK, DingTalkReceiver)
MODULES: dict[str, Any] = {"feishu": feishu, "dingtalk": dingtalk, "wecom": wecom}
WAYS: dict[str, tuple[Any, Any]] = {name: (one, ALL[name][1]) for name, one in MODULES.items()}
OUR_URLS = (PAGE, "https://posts.example/1?", "https://evil.example/")  # as posts say them
LINK = re.compile(r"\[([^\[\]]*)\]\((https?://[^()\s<>]*)\)")


def asked(way: str, of: Letter) -> Request:
    module, receiver = WAYS[way]
    made: Request = module.request(receiver, of, NOW)
    return made


def body_of(way: str, of: Letter) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(asked(way, of).body)
    return made


def marked_up(way: str, of: Letter) -> str:
    """All that the platform reads as markdown."""
    body = body_of(way, of)
    if way == "feishu":
        elements = body["card"]["elements"]
        return "\n".join(one["content"] for one in elements if one["tag"] == "markdown")
    said: str = body["markdown"]["text" if way == "dingtalk" else "content"]
    return said


# ---- signatures: the documentation's formulas, written out


def test_feishu_is_signed_with_the_time_and_the_secret_as_the_key() -> None:
    body = body_of("feishu", letters("en")["opened"])
    assert body["timestamp"] == str(int(NOW.timestamp()))
    key = (body["timestamp"] + "\n" + "s3cret").encode("utf-8")
    made = hmac.new(key, digestmod=hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(made).decode("utf-8")


def test_dingtalk_is_signed_in_the_url() -> None:
    url = asked("dingtalk", letters("en")["opened"]).url
    timestamp = str(int(NOW.timestamp() * 1000))
    made = hmac.new(b"SEC0123", f"{timestamp}\nSEC0123".encode(), digestmod=hashlib.sha256)
    sign = quote_plus(base64.b64encode(made.digest()))
    assert url == f"{DINGTALK.url.get_secret_value()}&timestamp={timestamp}&sign={sign}"
    assert parse_qs(urlsplit(url).query)["access_token"] == ["0123456789"]


def test_without_a_secret_nothing_is_signed() -> None:
    plain = DINGTALK.model_copy(update={"secret": None})
    of = letters("en")["opened"]
    assert dingtalk.request(plain, of, NOW).url == plain.url.get_secret_value()
    unsigned = json.loads(feishu.request(FEISHU.model_copy(update={"secret": None}), of, NOW).body)
    assert unsigned.keys() == {"msg_type", "card"}


# ---- strangers' words


@pytest.mark.parametrize("way", WAYS)
@given(of=hostile_letters())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_words_stay_words_and_messages_fit(way: str, of: Letter) -> None:
    request = asked(way, of)
    said = marked_up(way, of)
    if way == "wecom":
        assert len(said.encode()) <= 4_096
    else:
        assert len(request.body) <= 20_000
    rest = said
    if way == "dingtalk":
        assert said.startswith("#### ")
        rest = said.removeprefix("#### ")
        assert json.loads(request.body)["at"] == {"isAtAll": False}
    if way == "wecom":
        frame = re.fullmatch(r'\*\*<font color="\w+">(.*)</font>\*\*(.*)', said, re.DOTALL)
        assert frame is not None
        rest = frame[1] + frame[2]
    # Our own links are all the markup there is.
    assert not {url for _, url in LINK.findall(rest) if not url.startswith(OUR_URLS)}
    rest = LINK.sub(lambda link: link[1], rest)
    assert not set(rest) & set("<>*`[]")
    if way == "feishu":
        assert not re.search(r"^[-+#]", rest, re.MULTILINE)
    else:
        assert not re.search(r"^([-+]|#|\d+[.)]\s)", rest, re.MULTILINE)
        assert not re.search(r"@\s*(all|所有人)", rest, re.IGNORECASE)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("headline", ["", "a long headline " * 20, "长标题" * 300, "<*[" * 300])
def test_a_full_digest_tells_each_incident_once(way: str, headline: str) -> None:
    module, _ = WAYS[way]
    of = digest(module.LIMITS.entries, headline)
    said = marked_up(way, of)
    for number in range(module.LIMITS.entries):
        assert len(re.findall(rf"No{number}\.", said)) == 1
    assert len(said.encode()) <= (4_096 if way == "wecom" else 20_000)


def test_a_digest_leads_to_each_incident() -> None:
    for way in WAYS:
        said = marked_up(way, digest(3, "short"))
        assert [url.rpartition("/")[2] for _, url in LINK.findall(said)] == ["i.0", "i.1", "i.2"]


def test_a_card_is_red_where_it_is_bad_and_green_when_it_is_over() -> None:
    def colour(of: Letter) -> str:
        made: str = body_of("feishu", of)["card"]["header"]["template"]
        return made

    mild = letter(entry("opened", event("en", severity=4)))
    sorts = letters("en")
    assert colour(sorts["opened"]) == "red"
    assert colour(mild) == "orange"
    assert colour(sorts["resolved"]) == "green"
    assert colour(sorts["test"]) == "grey"


# ---- answers

ANSWERS = [  # way, status, answer, outcome, seconds to wait, gone
    ("feishu", 200, {"code": 0, "msg": "success"}, "delivered", 0, False),
    ("feishu", 200, {"code": 11232, "msg": "frequency limited"}, "retry", 60, False),
    ("feishu", 400, {"code": 9499, "msg": "too many request"}, "retry", 60, False),
    ("feishu", 200, {"code": 19021, "msg": "sign match fail"}, "retry", 0, False),
    ("feishu", 200, {"code": 19024, "msg": "Key Words Not Found"}, "retry", 0, False),
    ("feishu", 200, {"code": 19002, "msg": "params error"}, "gave_up", 0, False),
    ("dingtalk", 200, {"errcode": 0, "errmsg": "ok"}, "delivered", 0, False),
    ("dingtalk", 200, {"errcode": 130101, "errmsg": "send too fast"}, "retry", 60, False),
    ("dingtalk", 200, {"errcode": 310000, "errmsg": "sign not match"}, "retry", 0, False),
    ("dingtalk", 200, {"errcode": 430102, "errmsg": "unfit"}, "gave_up", 0, False),
    ("dingtalk", 200, {"errcode": 400013, "errmsg": "dissolved"}, "gave_up", 0, True),
    ("wecom", 200, {"errcode": 0, "errmsg": "ok"}, "delivered", 0, False),
    ("wecom", 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, "retry", 60, False),
    ("wecom", 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, "retry", 0, False),
    ("wecom", 200, {"errcode": 40058, "errmsg": "exceed max length"}, "gave_up", 0, False),
    ("wecom", 500, {"errcode": 0, "errmsg": "ok"}, "retry", 0, False),
    ("wecom", 410, {}, "gave_up", 0, True),
    ("wecom", 302, {}, "retry", 0, False),
    ("wecom", 200, "<html>a gateway's page", "retry", 0, False),
    ("wecom", 200, [1], "retry", 0, False),
    ("wecom", 200, {"errcode": "0"}, "retry", 0, False),
]


@pytest.mark.parametrize(("way", "status", "answer", "outcome", "wait", "gone"), ANSWERS)
def test_what_an_answer_means(
    way: str, status: int, answer: Any, outcome: str, wait: float, gone: bool
) -> None:
    module, _ = WAYS[way]
    said = answer if isinstance(answer, str) else json.dumps(answer)
    attempt = module.JUDGE(status, {}, said, NOW)
    assert (attempt.outcome, attempt.wait_seconds, attempt.gone) == (outcome, wait, gone)
    if outcome != "delivered" and isinstance(answer, dict) and answer.get("errmsg"):
        assert str(answer["errcode"]) in attempt.detail


# ---- all of it, over a socket


@pytest.mark.parametrize("way", WAYS)
def test_an_attempt_asks_once_and_tells_no_secret(way: str, httpserver: HTTPServer) -> None:
    module, receiver = WAYS[way]
    token = "t0k3n-0123456789abcdef"
    httpserver.expect_request(f"/{token}").respond_with_data(f'"{token} s3cret SEC0123"', 503)
    url = SecretStr(f"http://127.0.0.1:{httpserver.port}/{token}?access_token={token}")

    async def run() -> Attempt:
        post = Post(Guard(["127.0.0.1"]))
        to = receiver.model_copy(update={"url": url})
        made = await module.channel(post).send(to, letters("zh")["opened"], now=NOW)
        await post.close()
        return made

    attempt = asyncio.run(run())
    assert attempt.outcome == "retry"
    assert attempt.status == 503
    assert token not in attempt.detail
    assert way == "wecom" or receiver.secret.get_secret_value() not in attempt.detail
    ((request, _),) = httpserver.log
    assert request.content_type == "application/json; charset=utf-8"
    assert "电池起火" in request.data.decode()
