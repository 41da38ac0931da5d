"""Who may see some brands only is told nothing of the others, whatever is asked."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.incidents import write_events
from infra.page.secret_words import hash_password
from infra.page.settings import PageSettings
from infra.store import Store

PASSWORD = "correct horse"
SECRET = "northwind"
PEOPLE = PageSettings.model_validate(
    {
        "users": [
            {
                "name": "anna",
                "role": "admin",
                "brands": ["Acme"],
                "password_hash": hash_password(PASSWORD),
            }
        ]
    }
)


@pytest.fixture
def anna(
    serve: Callable[..., Any],
    store: Store,
    write: Callable[..., None],
    make_event: Callable[..., IncidentEvent],
) -> httpx.Client:
    """An admin of Acme alone, over posts and incidents of both brands."""
    write(0.9, 0.1)
    write(0.9, 0.2, brand="Northwind", first=10)
    event = make_event("inc_n")
    other = replace(make_event("inc_a"), headline="Acme · negative surge", message="", sentence="")
    write_events(store, [event], event.change.at)
    acme = replace(other, change=replace(other.change, brand="Acme"))
    write_events(store, [acme], event.change.at)
    client: httpx.Client = serve(PEOPLE, start_token="").logged_in("anna", PASSWORD)
    return client


OTHERS: list[tuple[str, str, Any]] = [
    ("GET", "/brands/Northwind/series", None),
    ("GET", "/brands/Acme/series?compare=brand:Northwind", None),
    ("GET", "/brands/Northwind/posts", None),
    ("GET", "/brands/Northwind/selection", None),
    ("GET", "/incidents?brand=Northwind", None),
    ("GET", "/incidents/inc_n", None),
    ("GET", "/backtest?brand=Northwind", None),
    ("GET", "/export/posts.csv?brand=Northwind", None),
    ("GET", "/export/backtest.csv?brand=Northwind", None),
    ("GET", "/deliveries?incident_id=inc_n", None),
    ("POST", "/incidents/inc_n/acknowledge", {}),
    ("DELETE", "/incidents/inc_n/acknowledge", None),
    ("POST", "/incidents/inc_n/verdict", {"word": "crisis"}),
    ("POST", "/incidents/inc_n/silence", {"reason": "known"}),
    ("DELETE", "/incidents/inc_n/silence/sil_1", None),
    ("POST", "/posts/x:Northwind%2F10/label", {"brand": "Northwind", "label": "neutral"}),
    ("DELETE", "/posts/x:Northwind%2F10/label?brand=Northwind", None),
    # A brand that may be seen does not open a post that is not about it.
    ("POST", "/posts/x:Northwind%2F10/label", {"brand": "Acme", "label": "neutral"}),
    ("DELETE", "/posts/x:Northwind%2F10/label?brand=Acme", None),
    ("GET", "/brands/Northwind/labels", None),
    ("POST", "/labels/draw", {"brand": "Northwind"}),
]


OVERVIEW_FILE = "/api/v1/export/overview.csv"


def test_another_brand_is_as_if_it_were_not_there(anna: httpx.Client) -> None:
    for method, path, body in OTHERS:
        answer = anna.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code == 404, (path, answer.text)


def test_what_is_told_of_all_is_told_of_ones_own(anna: httpx.Client) -> None:
    for path in ("/overview", "/incidents", "/health", "/export/health.csv"):
        answer = anna.get(f"/api/v1{path}")
        assert answer.status_code == 200
        assert SECRET not in answer.text.lower(), path
    assert [one["name"] for one in anna.get("/api/v1/overview").json()["brands"]] == ["Acme"]
    assert [row.split(",")[1] for row in anna.get(OVERVIEW_FILE).text.split()] == ["brand", "Acme"]
    assert [one["id"] for one in anna.get("/api/v1/incidents").json()["incidents"]] == ["inc_a"]


def test_what_belongs_to_nobody_alone_is_for_who_sees_all(anna: httpx.Client) -> None:
    assert anna.get("/api/v1/deliveries").status_code == 403
    resent = {"receiver": "team", "notice_id": "inc_a.1"}
    assert anna.post("/api/v1/deliveries/resend", json=resent).status_code == 403


def test_a_linked_incident_of_another_brand_is_left_out(
    anna: httpx.Client, store: Store, make_event: Callable[..., IncidentEvent]
) -> None:
    from forecasting.evidence import Link

    event = make_event("inc_b")
    link = Link(incident_id="inc_n", brand="Northwind", by="words", shared=3)
    event = replace(
        event,
        change=replace(event.change, brand="Acme"),
        evidence=replace(event.evidence, linked=(link,)),
    )
    write_events(store, [event], event.change.at)
    story = anna.get("/api/v1/incidents/inc_b").json()
    assert story["linked"] == []
