"""The page under a part of a reverse proxy's addresses."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from infra.page.settings import PageSettings

Serve = Callable[..., Any]
UNDER = PageSettings(root_path="/groundswell")
TRUSTING = PageSettings(proxy_addresses=("127.0.0.1",))
TOKEN = "the token that was printed"


@pytest.mark.parametrize("left_out", [True, False], ids=["stripped", "kept"])
def test_all_of_it_is_there_whether_the_proxy_strips_the_prefix_or_not(
    serve: Serve, left_out: bool
) -> None:
    client = serve(UNDER).client()
    start = "" if left_out else "/groundswell"
    entered = client.get(f"{start}/enter", params={"token": TOKEN})
    assert entered.headers["location"] == "/groundswell/"
    assert "Path=/groundswell/;" in entered.headers["set-cookie"]
    for path in ("/", "/brands/A%2FB", "/label"):
        document = client.get(f"{start}{path}").text
        assert 'src="/groundswell/static/app.js"' in document
        assert '="/static' not in document
    assert client.get(f"{start}/static/app.js").headers["content-type"].startswith("text/java")
    let_in = {"cookie": entered.headers["set-cookie"].partition(";")[0]}
    for path in ("/me", "/brands/A%2FB/series"):
        assert client.get(f"{start}/api/v1{path}", headers=let_in).status_code == 200


def test_a_proxy_says_where_the_page_stands_and_others_are_not_believed(serve: Serve) -> None:
    said = {"x-forwarded-prefix": "/here/", "x-forwarded-proto": "https"}
    entered = serve(TRUSTING).client().get("/enter", params={"token": TOKEN}, headers=said)
    assert entered.headers["location"] == "/here/"
    assert "Secure" in entered.headers["set-cookie"]
    client = serve().client()
    entered = client.get("/enter", params={"token": TOKEN}, headers=said)
    assert entered.headers["location"] == "/"
    assert "Secure" not in entered.headers["set-cookie"]
    assert "/here" not in client.get("/", headers=said).text


@pytest.mark.parametrize("said", ['/x"><script>', "//elsewhere.com", "here", "/a b", "/é"])
def test_what_is_no_plain_path_is_not_believed_of_anybody(serve: Serve, said: str) -> None:
    text = serve(TRUSTING).client().get("/", headers={"x-forwarded-prefix": said.encode()}).text
    assert 'src="/static/app.js"' in text
    with pytest.raises(ValidationError):
        PageSettings(root_path=said)
