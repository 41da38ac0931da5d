"""The page while the settings change: other brands, other people."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from infra.brands import Brand
from infra.page.app import renew
from infra.page.secret_words import hash_password
from infra.page.settings import PageSettings
from infra.settings import FileSettings

PASSWORD = "correct horse"
HASHED = hash_password(PASSWORD)
ANNA, OTTO = (
    PageSettings.model_validate({"users": [{"name": name, "password_hash": HASHED}]})
    for name in ("anna", "otto")
)


def people(page: Any, settings: PageSettings, **hosts: Any) -> None:
    """As `streams.page` does when the file has changed."""
    page.app.state.gate.take(settings)
    renew(page.app, page.app.state.place, hosts=hosts.get("hosts", ("127.0.0.1",)))


def test_brands_of_other_settings_are_shown_at_once(serve: Callable[..., Any]) -> None:
    page = serve()
    client = page.entered()
    names = [one["name"] for one in client.get("/api/v1/overview").json()["brands"]]
    assert names == ["Acme", "Northwind"]
    settings = FileSettings(brands=(Brand(name="Contoso"),), clock="wall")
    place = replace(page.app.state.place, settings=settings, problem=lambda: "broken: line 3")
    renew(page.app, place, hosts=("127.0.0.1",))
    assert [one["name"] for one in client.get("/api/v1/overview").json()["brands"]] == ["Contoso"]
    assert client.get("/api/v1/health").json()["settings_problem"] == "broken: line 3"


def test_who_is_taken_out_is_out_and_who_is_named_comes_in(serve: Callable[..., Any]) -> None:
    page = serve(ANNA, start_token="")
    anna = page.logged_in("anna", PASSWORD)
    people(page, OTTO)
    assert anna.get("/api/v1/me").status_code == 401
    assert page.logged_in("otto", PASSWORD).get("/api/v1/me").json()["name"] == "otto"
    people(page, ANNA)
    assert anna.get("/api/v1/me").status_code == 200  # the key that signs is the same


def test_the_printed_token_is_for_who_has_named_nobody(serve: Callable[..., Any]) -> None:
    page = serve()
    client = page.entered()
    people(page, ANNA)
    assert client.get("/api/v1/me").status_code == 401
    assert page.client().get("/enter", params={"token": "x"}).status_code == 401
    with pytest.raises(AssertionError):
        page.entered()
    people(page, PageSettings())
    assert client.get("/api/v1/me").status_code == 200


def test_hosts_follow(serve: Callable[..., Any]) -> None:
    page = serve()
    named = {"host": "pr.example.com"}
    assert page.client().get("/", headers=named).status_code == 421
    people(page, PageSettings(), hosts=("127.0.0.1", "PR.example.com"))
    assert page.client().get("/", headers=named).status_code == 200


def test_who_listens_is_asked_anew_who_they_are(serve: Callable[..., Any]) -> None:
    page = serve(ANNA, start_token="")
    anna = page.logged_in("anna", PASSWORD)
    with anna.stream("GET", "/api/v1/events") as heard:
        lines = heard.iter_lines()
        next(lines)
        people(page, OTTO)
        assert [line for line in lines if line.startswith("event: news")] == []  # it ends
    assert anna.get("/api/v1/events").status_code == 401
