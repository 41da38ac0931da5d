"""What is pushed over HTTP, into the line."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
import structlog

from infra.feeds.settings import PushSettings
from infra.intake import Given, OutboxFull
from infra.kafka import KafkaUnavailable
from infra.push_api import Busy, Taken, push_app
from infra.push_server import PushServer
from infra.store import StoreUnavailable
from processors.records import DeadLetter, RawErasure, RawPost
from processors.schema import message_schema
from streams import topics
from streams.given import read_raw
from streams.stage import Place
from streams.takers import Line, Taker

log = structlog.get_logger()
FULL_WAIT, AWAY_WAIT = 10, 3
"""Seconds that a giver is asked to wait."""


class PushDoor:
    """Serves `POST /v1/posts`; posts of one source are handed over one request at a time."""

    def __init__(self, place: Place, taker: Callable[[str], Taker]) -> None:
        assert place.settings.push is not None
        self._place = place
        self._settings: PushSettings = place.settings.push
        self._givers: Mapping[str, _Giver] = {
            one.source: _Giver(taker(f"http-{one.source}@{uuid4().hex[:12]}"))
            for one in self._settings.tokens
        }
        self.address = ""

    async def run(self) -> None:
        """Serve until cancelled. Raises OSError where the port is taken."""
        app = push_app(self._settings, self.take, schema=item_schema())
        await PushServer(self._settings, app, self._tell).run()

    async def finish(self) -> None:
        """Let go of the broker or the database."""
        for giver in self._givers.values():
            giver.taker.close()

    def take(self, source: str, items: Sequence[bytes]) -> Sequence[Taken]:
        """As of TakeItems."""
        now = self._place.now()
        read = [read_item(item, source, now) for item in items]
        good = [item for item in read if not isinstance(item, Taken)]
        giver = self._givers[source]
        refused = set(giver.give(good)) if good else set()
        place = iter(range(len(good)))
        results = [
            one if isinstance(one, Taken) else _taken(one, next(place) in refused) for one in read
        ]
        self._place.meter.posts(len(good) - len(refused), oldest=now, now=now)
        for one in results:
            if one.reason:
                self._place.meter.left_out(f"push_{one.reason}")
        return results

    def _tell(self, address: str) -> None:
        self.address = address
        log.info("takes posts", address=f"{address}/v1/posts")


class _Giver:
    def __init__(self, taker: Taker) -> None:
        self.taker = taker
        self._position = 0
        self._lock = threading.Lock()

    def give(self, items: Sequence[RawPost | RawErasure]) -> list[int]:
        """Places of those that can never be taken, when the others are durable. Raises Busy."""
        with self._lock:
            first = self._position
            self._position += len(items)
            lines = [
                Line(first + place, msgspec.json.encode(item), _post_id(item))
                for place, item in enumerate(items)
            ]
            try:
                refused = self.taker.take(lines)
            except OutboxFull as error:
                raise Busy(str(error), wait=FULL_WAIT, full=True) from None
            except (StoreUnavailable, KafkaUnavailable) as error:
                raise Busy(str(error), wait=AWAY_WAIT, full=False) from None
        return [line.position - first for line in refused]


def read_item(payload: bytes, source: str, now: datetime) -> RawPost | RawErasure | Taken:
    """One item of a body as a record of `source`, or why it is none."""
    try:
        fields = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Taken(reason="not_json", detail=str(error))
    if not isinstance(fields, dict):
        return Taken(reason="wrong_type", detail="an object was expected")
    if fields.get("source", source) != source:
        return Taken(reason="wrong_source", detail=f"this token is for {source}")
    for name in ("feed", "position"):  # receipts are ours
        fields.pop(name, None)
    if "id" in fields and "native_id" not in fields:
        fields["native_id"] = fields.pop("id")
    item = read_raw(
        Given(
            feed="http",
            position=0,
            topic=topics.RAW,
            payload=msgspec.json.encode({**fields, "source": source}),
            arrived_at=now,
        )
    )
    if isinstance(item, DeadLetter):
        return Taken(reason=item.reason, detail=item.detail)
    return msgspec.structs.replace(item, feed="", position=-1)


def _taken(item: RawPost | RawErasure, is_refused: bool) -> Taken:
    if is_refused:
        return Taken(reason="too_large", detail="larger than the broker takes")
    return Taken(post_id=_post_id(item))


def _post_id(item: RawPost | RawErasure) -> str:
    return f"{item.source}:{item.native_id}"


def item_schema() -> dict[str, Any]:
    """Of one item, for people who write programs: as in posts.raw, less what the token says."""
    kinds = message_schema()["$defs"]
    for kind in kinds.values():
        kind["required"] = [name for name in kind["required"] if name != "source"]
        for name in ("feed", "position"):
            kind["properties"].pop(name)
    post, erasure = kinds["RawPost"], kinds["RawErasure"]
    post["properties"]["native_id"]["pattern"] = r"\S"
    erasure["anyOf"] = [
        {
            "properties": {"kind": {"const": kind}, name: {"type": "string", "pattern": pattern}},
            "required": [name],
        }
        for kind, name, pattern in (
            ("delete", "native_id", r"\S"),
            ("account_delete", "author", r"[^\s@]"),
        )
    ]
    return {"anyOf": [post, erasure]}
