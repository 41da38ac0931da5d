"""Who comes in, what a browser may be made to send, and what every answer carries."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.page.attempts import FAILURES, KNOWN, WITHIN, LoginAttempts
from infra.page.gate import COOKIE, MARK
from infra.page.headers import HEADERS
from infra.page.secret_words import hash_password, hash_token, is_password, new_token
from infra.page.settings import PageSettings

TOKEN = "the token that was printed"

Serve = Callable[..., Any]
PASSWORD = "correct horse"
HASHED = hash_password(PASSWORD)
API_TOKEN = new_token()
PEOPLE = PageSettings.model_validate(
    {
        "users": [
            {"name": "vera", "password_hash": HASHED, "brands": ["Acme"]},
            {"name": "anna", "password_hash": HASHED, "role": "analyst"},
        ],
        "tokens": [{"name": "board", "hash": hash_token(API_TOKEN)}],
    }
)
OPEN = {"/api/v1/login", "/api/v1/logout", "/enter"}
FILLED = {
    "{brand:path}": "Acme",
    "{incident_id}": "inc_1",
    "{what}": "posts",
    "{kind}": "csv",
    "{post_id:path}": "x:1",
    "{silence_id}": "sil_1",
}


def test_nothing_is_told_to_who_has_not_come_in(serve: Serve) -> None:
    page = serve(PEOPLE, start_token="")
    client = page.client(**{MARK: "1"})
    asked = [(m, p) for m, p in page_routes(page) if p not in OPEN]
    assert len(asked) > 20
    for method, path in asked:
        assert client.request(method, path).status_code == 401, path


def page_routes(page: Any) -> list[tuple[str, str]]:
    """From the document of the API, which has every route of it."""
    found = []
    for path, methods in page.app.openapi()["paths"].items():
        for name, value in FILLED.items():
            path = path.replace(name.replace(":path", ""), value)
        found += [(method.upper(), path) for method in methods]
    return found


def test_the_printed_address_lets_in_and_another_does_not(serve: Serve) -> None:
    page = serve()
    client = page.client()
    answer = client.get("/enter", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    me = client.get("/api/v1/me").json()
    assert (me["role"], me["brands"]) == ("admin", None)
    assert page.client().get("/enter", params={"token": "x"}).status_code == 401


def test_a_token_of_the_start_does_not_let_into_the_next_start(serve: Serve) -> None:
    cookie = serve().entered().cookies[COOKIE]
    other = serve()
    answer = other.client(cookie=f"{COOKIE}={cookie}").get("/api/v1/me")
    assert answer.status_code == 401


def test_users_log_in_and_out(serve: Serve) -> None:
    page = serve(PEOPLE, start_token="")
    client = page.logged_in("vera", PASSWORD)
    me = client.get("/api/v1/me").json()
    assert me == {
        "name": "vera",
        "role": "viewer",
        "brands": ["Acme"],
        "can_write": False,
        "can_resend": False,
    }
    cookie = client.cookies[COOKIE]
    assert client.post("/api/v1/logout").status_code == 200
    assert client.get("/api/v1/me").status_code == 401
    # Also where somebody has kept a copy, and writes what was signed in another way.
    for copy in (cookie, cookie + "!!!!", cookie + "~~~~"):
        assert page.client(cookie=f"{COOKIE}={copy}").get("/api/v1/me").status_code == 401


def test_cookies_that_let_nobody_in_are_not_remembered(serve: Serve) -> None:
    page = serve(PEOPLE, start_token="")
    cookie = page.logged_in("vera", PASSWORD).cookies[COOKIE]
    for made_up in ("x", "y" * 10_000, cookie[:-2]):
        answer = page.client(cookie=f"{COOKIE}={made_up}", **{MARK: "1"}).post("/api/v1/logout")
        assert answer.status_code == 200
    assert page.app.state.gate.ended == 0
    for _ in range(2):
        page.client(cookie=f"{COOKIE}={cookie}", **{MARK: "1"}).post("/api/v1/logout")
    assert page.app.state.gate.ended == 1


def test_a_wrong_name_and_a_wrong_password_are_told_alike(serve: Serve) -> None:
    client = serve(PEOPLE, start_token="").client(**{MARK: "1"})
    told = [
        client.post("/api/v1/login", json={"name": name, "password": "wrong words"})
        for name in ("vera", "nobody")
    ]
    assert [one.status_code for one in told] == [401, 401]
    assert told[0].json() == told[1].json()


def test_too_many_failures_are_told_to_wait(serve: Serve) -> None:
    client = serve().client(**{MARK: "1"})
    for _ in range(FAILURES):
        assert client.post("/api/v1/login", json={"token": "x"}).status_code == 401
    answer = client.post("/api/v1/login", json={"token": TOKEN})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= WITHIN


def test_no_more_names_are_remembered_than_so_many() -> None:
    attempts = LoginAttempts(lambda: 0.0)
    for number in range(KNOWN + 500):
        attempts.failed("address", f"name {number}")
    assert attempts.kept == KNOWN
    assert attempts.wait("address") > 0  # who goes on is not forgotten


def test_failures_are_forgotten_after_their_time() -> None:
    now = [0.0]
    attempts = LoginAttempts(lambda: now[0])
    for _ in range(FAILURES):
        assert attempts.wait("a") == 0
        attempts.failed("a", "b")
    assert attempts.wait("a") == attempts.wait("c", "b") == WITHIN
    now[0] = WITHIN
    assert attempts.wait("a", "b") == 0
    attempts.succeeded("a")
    assert attempts.wait("a") == 0


def test_a_program_comes_with_its_token(serve: Serve) -> None:
    page = serve(PEOPLE, start_token="")
    assert page.client(authorization=f"Bearer {API_TOKEN}").get("/api/v1/me").json()["name"] == (
        "board"
    )
    for wrong in ("Bearer x", f"Basic {API_TOKEN}", API_TOKEN):
        assert page.client(authorization=wrong).get("/api/v1/me").status_code == 401


def test_another_site_cannot_make_a_browser_write(serve: Serve) -> None:
    page = serve()
    path = "/api/v1/labels/draw"
    body = {"brand": "Acme"}
    client = page.entered()
    assert client.post(path, json=body).status_code == 200
    assert client.post(path, json=body, headers={"origin": page.url}).status_code == 200
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert client.post(path, json=body, headers=headers).status_code == 403, headers
    del client.headers[MARK]
    assert client.post(path, json=body).status_code == 403
    assert client.post("/api/v1/login", json={"token": TOKEN}).status_code == 403


def test_who_only_reads_changes_nothing(serve: Serve) -> None:
    page = serve(PEOPLE, start_token="")
    client = page.logged_in("vera", PASSWORD)
    writing = [(m, p) for m, p in page_routes(page) if m not in ("GET", "HEAD") and p not in OPEN]
    for method, path in writing:
        body = {"brand": "Acme", "label": "negative"} if path.endswith("label") else None
        answer = client.request(method, path, json=BODIES.get(path.rsplit("/", 1)[-1], body))
        assert answer.status_code in (403, 422), (path, answer.text)
        if answer.status_code == 422:
            assert "brand" in answer.text  # of what is asked in the address
    assert page.actions.done == []


BODIES = {
    "acknowledge": {},
    "verdict": {"word": "crisis"},
    "silence": {"reason": "known"},
    "resend": {"receiver": "team", "notice_id": "inc_1.1"},
    "draw": {"brand": "Acme"},
    "labels": {"draw": "x", "label": "negative"},
}


def test_only_an_admin_sends_again(serve: Serve) -> None:
    page = serve(PEOPLE, start_token="")
    answer = page.logged_in("anna", PASSWORD).post(
        "/api/v1/deliveries/resend", json=BODIES["resend"]
    )
    assert answer.status_code == 403
    assert serve().entered().post("/api/v1/deliveries/resend", json=BODIES["resend"]).json() == {
        "detail": "done"
    }


def test_a_proxy_is_believed_from_its_address_only(serve: Serve) -> None:
    users = [{"name": "anna", "role": "analyst"}]
    for address, status in (("127.0.0.1", 200), ("10.0.0.1", 401)):
        page = serve(
            PageSettings.model_validate(
                {
                    "users": users,
                    "proxy_header": "X-Forwarded-User",
                    "proxy_addresses": [address],
                }
            ),
            start_token="",
        )
        client = page.client(**{"x-forwarded-user": "anna"})
        assert client.get("/api/v1/me").status_code == status
    assert page.client(**{"x-forwarded-user": "other"}).get("/api/v1/me").status_code == 401


def test_every_answer_carries_the_headers(serve: Serve) -> None:
    page = serve()
    client = page.entered()
    for path in ("/", "/static/index.html", "/api/v1/me", "/api/v1/none", "/static/../x", "/x"):
        answer = client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, path
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_what_is_too_long_is_not_read(serve: Serve) -> None:
    client = serve().client(**{MARK: "1"})
    long = {"token": "x" * 100_000}
    assert client.post("/api/v1/login", json=long).status_code == 413
    pieces = iter([b'{"token": "', b"x" * 100_000, b'"}'])  # of no length told before
    assert client.post("/api/v1/login", content=pieces).status_code == 413


def test_another_name_for_this_machine_is_not_answered(serve: Serve) -> None:
    page = serve()
    answer = page.entered().get("/api/v1/me", headers={"host": "evil.example"})
    assert answer.status_code == 421
    page = serve(PageSettings(hosts=("pr.example",)))
    assert page.entered().get("/api/v1/me", headers={"host": "pr.example:80"}).status_code == 200


def test_passwords_are_kept_as_hashes() -> None:
    assert is_password(PASSWORD, HASHED)
    assert not is_password("Correct horse", HASHED)
    assert PASSWORD not in HASHED
    for broken in ("", "scrypt$1$1$1$x$y", "scrypt$32768$8$1$AAAA$é"):
        assert not is_password(PASSWORD, broken)
    with pytest.raises(ValueError, match="8 to"):
        hash_password("short")


def test_settings_that_would_let_anybody_in_are_refused() -> None:
    for wrong in (
        {"users": [{"name": "a", "password_hash": "plain words"}]},
        {"users": [{"name": "a"}, {"name": "a"}]},
        {"session_key": "short"},
        {"proxy_header": "X-User"},
        {"tokens": [{"name": "a", "hash": "token"}]},
    ):
        with pytest.raises(ValueError):
            PageSettings.model_validate(wrong)
