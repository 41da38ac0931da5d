"""Who is told, and by which way out: one model for each `type` of receiver in the settings."""

import base64
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from infra.secrets import Secret


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        parts.port  # noqa: B018 - raises ValueError
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("no web address, such as https://example.com/hook")
    return url


def _secret_address(url: SecretStr) -> SecretStr:
    _web_address(url.get_secret_value())
    return url


def _signing_secret(secret: SecretStr) -> SecretStr:
    prefix, mark, key = secret.get_secret_value().partition("whsec_")
    try:
        usable = bool(mark) and not prefix and bool(base64.b64decode(key, validate=True))
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("has to be whsec_ and base64, such as the example file says how to make")
    return secret


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
WebAddress = Annotated[str, AfterValidator(_web_address)]
SecretAddress = Annotated[Secret, AfterValidator(_secret_address)]
"""A web address with a token in it: as good as a password."""
SigningSecret = Annotated[Secret, AfterValidator(_signing_secret)]


class _Receiver(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    name: Name
    """What it is called here; what it was told is kept under it."""


class WebhookReceiver(_Receiver):
    """Standard Webhooks 1.0. Signed with every secret: one can be replaced without a gap."""

    type: Literal["webhook"] = "webhook"
    url: WebAddress
    """Where messages are sent."""
    secret: SigningSecret
    """`whsec_` and base64: messages are signed with it."""
    old_secrets: tuple[SigningSecret, ...] = ()
    """Of a rotation: messages are signed with these as well."""


class AlertmanagerReceiver(_Receiver):
    """What receives the webhooks of Prometheus Alertmanager, version 4."""

    type: Literal["alertmanager"]
    url: WebAddress
    """Where messages are sent."""
    token: Secret | None = None
    """Sent as a bearer token."""


class SlackReceiver(_Receiver):
    """An incoming webhook of Slack."""

    type: Literal["slack"]
    url: SecretAddress
    """Where messages are sent; whoever knows it may write there."""


class TeamsReceiver(_Receiver):
    """A workflow of Microsoft Teams that takes adaptive cards."""

    type: Literal["teams"]
    url: SecretAddress
    """Where messages are sent; whoever knows it may write there."""


class FeishuReceiver(_Receiver):
    """A custom bot of Feishu or Lark."""

    type: Literal["feishu"]
    url: SecretAddress
    """Where messages are sent; whoever knows it may write there."""
    secret: Secret | None = None
    """Of its signature."""


class DingTalkReceiver(_Receiver):
    """A custom robot of DingTalk."""

    type: Literal["dingtalk"]
    url: SecretAddress
    """Where messages are sent; whoever knows it may write there."""
    secret: Secret | None = None
    """Of its signature: SEC..."""


class WeComReceiver(_Receiver):
    """A group robot of WeCom."""

    type: Literal["wecom"]
    url: SecretAddress
    """Where messages are sent; whoever knows it may write there."""


class PagerDutyReceiver(_Receiver):
    """A service of PagerDuty that takes Events v2."""

    type: Literal["pagerduty"]
    routing_key: Secret
    """Of the integration."""
    url: WebAddress = "https://events.pagerduty.com/v2/enqueue"
    """Where events are sent."""


class EmailReceiver(_Receiver):
    """People by mail, through an SMTP server."""

    type: Literal["email"]
    to: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    """Addresses of people."""
    sender: str
    """Address it is from."""
    host: str
    """Of the SMTP server."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Of the SMTP server."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted."""
    user: str = ""
    """Who logs in; empty: nobody."""
    password: Secret | None = None
    """Of `user`."""

    @model_validator(mode="after")
    def _whole(self) -> "EmailReceiver":
        if bool(self.user) != (self.password is not None):
            raise ValueError("user and password belong together")
        if self.user and self.security == "none":
            raise ValueError("a password needs security: starttls or tls")
        for address in (*self.to, self.sender):
            if any(c in address for c in "\r\n") or "@" not in address:
                raise ValueError("no mail address, such as pr@example.com")
        return self


class AppriseReceiver(_Receiver):
    """Any service that apprise knows, by its own kind of url."""

    type: Literal["apprise"]
    url: Secret
    """Of apprise's kind."""


class GrafanaReceiver(_Receiver):
    """Annotations in a Grafana: one for each incident, from its opening to its end."""

    type: Literal["grafana"]
    url: WebAddress
    """Of the Grafana."""
    token: Secret
    """Of a service account that may write annotations."""
    tags: tuple[str, ...] = ("groundswell",)
    """Of the annotations."""


Receiver = (
    WebhookReceiver
    | AlertmanagerReceiver
    | SlackReceiver
    | TeamsReceiver
    | FeishuReceiver
    | DingTalkReceiver
    | WeComReceiver
    | PagerDutyReceiver
    | EmailReceiver
    | AppriseReceiver
    | GrafanaReceiver
)


def _typed(given: object) -> object:
    return {"type": "webhook", **given} if isinstance(given, dict) else given


ReceiverSettings = Annotated[
    Annotated[Receiver, Field(discriminator="type")], BeforeValidator(_typed)
]
"""A receiver in the settings: a webhook if it does not say its type."""


def reveal(receiver: Receiver) -> dict[str, object]:
    """The receiver as settings hold it, secrets included."""

    def plain(value: object) -> object:
        if isinstance(value, SecretStr):
            return value.get_secret_value()
        return [plain(one) for one in value] if isinstance(value, tuple) else value

    return {name: plain(value) for name, value in receiver if value is not None}


def address_of(receiver: Receiver) -> str:
    """Where it is, for people: without what is secret, or could be."""
    if isinstance(receiver, EmailReceiver):
        return ", ".join(receiver.to)
    url = receiver.url
    if isinstance(url, SecretStr):
        scheme, _, _ = url.get_secret_value().partition("://")
        if isinstance(receiver, AppriseReceiver):
            return f"{scheme}://…"  # what stands there is a token as often as a host
        return f"{scheme}://{_host(urlsplit(url.get_secret_value()))}/…"
    parts = urlsplit(url)
    return f"{parts.scheme}://{_host(parts)}{parts.path}{'?…' if parts.query else ''}"


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
