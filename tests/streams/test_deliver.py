"""The deliver stage goes on with other settings."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

from prometheus_client import CollectorRegistry
from pytest_httpserver import HTTPServer

from infra.incidents import write_events
from infra.metrics import Meter
from infra.receivers import WebhookReceiver
from infra.settings import Settings
from infra.store import Store
from streams.deliver import DeliverStage
from streams.stage import Place

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


def test_who_is_named_later_is_told_by_ways_that_may_reach_them(
    store: Store, httpserver: HTTPServer, show: SimpleNamespace
) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    desk = WebhookReceiver.model_validate(
        {"name": "desk", "url": httpserver.url_for("/hook"), "secret": SECRET}
    )
    write_events(store, [show.incident_event()], datetime.now(UTC))
    before = Settings(kafka="127.0.0.1:1")
    after = before.model_copy(update={"receivers": (desk,), "allow_hosts": ("localhost",)})

    async def play() -> tuple[int, int]:
        stage = DeliverStage(Place(before, store, Meter("deliver", CollectorRegistry())))
        first = await stage.deliverer.tick()
        await stage.take_over(after)
        second = await stage.deliverer.tick()
        await stage.stop()
        return first, second

    assert asyncio.run(play()) == (0, 1)
    ((request, answer),) = httpserver.log
    assert (request.headers["webhook-id"], answer.status_code) == ("northwind.1.1", 200)
