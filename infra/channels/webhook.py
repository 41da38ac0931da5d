"""Signed webhooks as standardwebhooks.com describes them, version 1.0."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from infra.channels.channel import Channel, Limits, Request, UnusableError
from infra.channels.http_channel import HttpChannel
from infra.channels.post import Post
from infra.channels.webhook_body import OBJECTIVE, render
from infra.deliver.records import Letter
from infra.receivers import WebhookReceiver
from processors.trace_ids import incident_trace

LIMITS = Limits(entries=1)


def channel(sender: Post, *, objective_seconds: float = OBJECTIVE) -> Channel:
    """The way to webhooks."""

    def request(receiver: WebhookReceiver, letter: Letter, now: datetime) -> Request:
        body = render(letter, objective_seconds=objective_seconds)
        found = signed(receiver, letter.notice_id, body, now)
        trace = incident_trace(letter.entries[0].event.change.incident_id)
        return replace(found, headers={**found.headers, "traceparent": trace.parent})

    return HttpChannel(sender, WebhookReceiver, request, limits=LIMITS)


def signed(receiver: WebhookReceiver, message_id: str, body: bytes, now: datetime) -> Request:
    """Signed for `now`, within 5 minutes of the receiver's clock. Raises UnusableError."""
    secret, *old = (s.get_secret_value() for s in (receiver.secret, *receiver.old_secrets))
    try:
        headers = sign(secret, message_id, now, body, old=old)
    except ValueError as error:
        raise UnusableError(str(error)) from None
    return Request(
        url=receiver.url, body=body, headers={"content-type": "application/json", **headers}
    )


def sign(
    secret: str, message_id: str, timestamp: datetime, body: bytes, *, old: Sequence[str] = ()
) -> dict[str, str]:
    """The three headers of a signed webhook. `secret` is `whsec_` and base64.

    With `old` secrets one more signature for each, so that a receiver can change at any time.
    Raises ValueError for a naive time or a secret of another form.
    """
    if timestamp.tzinfo is None:
        raise ValueError("a webhook's time has to have a zone")
    moment = timestamp.astimezone(UTC)  # standardwebhooks takes the digits for UTC, whatever zone
    try:
        signatures = [Webhook(s).sign(message_id, moment, body.decode()) for s in (secret, *old)]
    except (ValueError, EmptyWebhookSecretError):
        raise ValueError("the secret is not whsec_ and base64") from None  # the cause might show it
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
