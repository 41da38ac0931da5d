"""What people do from the page goes to the functions behind the commands, with their name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from forecasting.records import IncidentEvent
from infra.audit import read_audit
from infra.incidents import write_events
from infra.store import Store

INCIDENT = "/api/v1/incidents/inc_1"


@pytest.fixture
def opened(store: Store, make_event: Callable[..., IncidentEvent]) -> None:
    """An open incident."""
    event = make_event("inc_1")
    write_events(store, [event], event.change.at)


@pytest.mark.usefixtures("opened")
def test_incidents(serve: Callable[..., Any]) -> None:
    page = serve()
    client = page.entered()
    for method, path, body in (
        ("POST", "/acknowledge", {"note": "on it"}),
        ("DELETE", "/acknowledge", None),
        ("POST", "/verdict", {"word": "not-a-crisis", "note": "a joke"}),
        ("POST", "/silence", {"hours": 2, "reason": "planned"}),
    ):
        answer = client.request(method, INCIDENT + path, json=body)
        assert answer.json() == {"detail": "done"}, path
    assert page.actions.done == [
        ("acknowledge", "inc_1", "start", "on it"),
        ("withdraw", "inc_1", "start"),
        ("verdict", "inc_1", "not-a-crisis", "start", "a joke"),
        ("silence", "inc_1", timedelta(hours=2), "start", "planned"),
    ]


UNFIT: tuple[tuple[str, Any], ...] = (
    ("/verdict", {"word": "maybe"}),
    ("/verdict", {}),
    ("/silence", {"hours": 2}),
    ("/silence", {"hours": -1, "reason": "x"}),
    ("/silence", {"hours": "Infinity", "reason": "x"}),
    ("/acknowledge", {"note": "x" * 3_000}),
    ("/acknowledge", {"other": 1}),
    ("/acknowledge", []),
)


@pytest.mark.usefixtures("opened")
def test_what_does_not_fit_does_nothing(serve: Callable[..., Any]) -> None:
    page = serve()
    client = page.entered()
    for path, body in UNFIT:
        answer = client.post(INCIDENT + path, json=body)
        assert answer.status_code == 422, (path, body)
        assert answer.json()["detail"]
    assert page.actions.done == []


def test_a_label_goes_to_the_whole_cluster_or_to_one(
    serve: Callable[..., Any], store: Store, write: Callable[..., None]
) -> None:
    write(0.9, 0.9, cluster_id=7)
    write(0.9, first=5, cluster_id=8)
    page = serve()
    client = page.entered()
    body = {"brand": "Acme", "label": "neutral"}
    path = "/api/v1/posts/x:Acme%2F1/label"
    assert client.post(path, json=body).json()["posts"] == 2
    assert client.post(path, json={**body, "cluster": False}).json()["posts"] == 1
    assert page.actions.done == [
        ("label", ("x:Acme/1", "x:Acme/0"), "neutral", "start"),
        ("label", ("x:Acme/1",), "neutral", "start"),
    ]
    assert {row.action for row in read_audit(store)} == {"label x:Acme/1"}
    assert client.post("/api/v1/posts/x:none/label", json=body).status_code == 404


def test_a_drawn_post_is_labelled_by_its_draw_alone(serve: Callable[..., Any]) -> None:
    client = serve().entered()
    drawn = client.post("/api/v1/labels/draw", json={"brand": "Acme"}).json()
    assert (drawn["labelled"], drawn["posts"], drawn["spare"]) == (0, [], [])
    made_up = {"draw": '["Acme","x:1","2026-01-01T00:00:00+00:00",1,0.5]', "label": "negative"}
    assert client.post("/api/v1/labels", json=made_up).status_code == 422
