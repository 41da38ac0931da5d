"""Labelling at random: by whom, by a draw alone, and what it buys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from infra.page.actions import Sample
from infra.page.secret_words import hash_password
from infra.page.settings import PageSettings
from infra.share_labels import Drawn, Span
from infra.store import Store

PASSWORD = "correct horse"
HOSTILE = "Acme <script>alert(1)</script>"
PEOPLE = PageSettings.model_validate(
    {
        "users": [
            {"name": name, "role": role, "password_hash": hash_password(PASSWORD)}
            for name, role in (("vera", "viewer"), ("anna", "analyst"))
        ]
    }
)


@pytest.fixture
def page(serve: Callable[..., Any], write: Callable[..., None]) -> Any:
    """A page over 300 posts of Acme of which the model thinks too well."""
    write(*(0.3 for _ in range(300)), text=HOSTILE)
    served = serve(PEOPLE, start_token="")
    served.actions.sample = drawn
    return served


def drawn(span: Span) -> Sample:
    posts = tuple(
        Drawn(
            post_id=f"x:Acme/{n}",
            published_at=span.until - timedelta(minutes=n + 1),
            text=HOSTILE,
            url="https://x.com/1",
            stratum=n % 2,
            probability=0.5,
        )
        for n in range(60)
    )
    return Sample(span=span, queue=posts[:50], spare=posts[50:], labelled=0)


def test_labels_narrow_the_share(page: Any) -> None:
    client = page.logged_in("anna", PASSWORD)
    sample = client.post("/api/v1/labels/draw", json={"brand": "Acme"}).json()
    assert (len(sample["posts"]), len(sample["spare"]), sample["labelled"]) == (50, 10, 0)
    first = sample["posts"][0]
    assert (first["text"], first["highlights"]) == (HOSTILE, [[0, 4]])
    assert not {"label", "p_negative"} & first.keys()  # who labels is not told what the model says
    span = {name: sample[name] for name in ("since", "until")}
    before = client.get("/api/v1/brands/Acme/labels", params=span).json()
    assert (before["posts"], before["labels"]) == (300, 0)
    assert before["without"] == before["with_labels"]
    for n, post in enumerate(sample["posts"]):
        label = "negative" if n % 2 else "neutral"
        body = {"draw": post["draw"], "label": label}
        assert client.post("/api/v1/labels", json=body).status_code == 200
    after = client.get("/api/v1/brands/Acme/labels", params=span).json()
    assert after["labels"] == 50
    assert after["without"] == pytest.approx(before["without"], abs=0.02)  # as if there were none
    width = after["with_labels"]["upper"] - after["with_labels"]["lower"]
    assert width < (before["without"]["upper"] - before["without"]["lower"]) / 2
    assert after["is_enough"]


def test_a_label_is_taken_back(page: Any, store: Store) -> None:
    client = page.logged_in("anna", PASSWORD)
    post = client.post("/api/v1/labels/draw", json={"brand": "Acme"}).json()["posts"][0]
    for label in ("negative", "", "positive", ""):
        client.post("/api/v1/labels", json={"draw": post["draw"], "label": label})
    (row,) = store.query("SELECT label, by FROM share_labels FINAL")
    assert row == ("", "anna")
    assert client.get("/api/v1/brands/Acme/labels").json()["labels"] == 0


def test_who_only_reads_labels_nothing_and_no_other_site_does(page: Any, store: Store) -> None:
    anna, vera = (page.logged_in(name, PASSWORD) for name in ("anna", "vera"))
    draw = anna.post("/api/v1/labels/draw", json={"brand": "Acme"}).json()["posts"][0]["draw"]
    asked = (("/labels/draw", {"brand": "Acme"}), ("/labels", {"draw": draw, "label": "neutral"}))
    for path, body in asked:
        assert vera.post(f"/api/v1{path}", json=body).status_code == 403
        foreign = {"origin": "https://elsewhere.com"}
        assert anna.post(f"/api/v1{path}", json=body, headers=foreign).status_code == 403
    assert store.query("SELECT count() FROM share_labels") == [(0,)]
    assert vera.get("/api/v1/brands/Acme/labels").status_code == 200
