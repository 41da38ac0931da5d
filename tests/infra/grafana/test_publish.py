"""Dashboards pushed to a Grafana that is played: https://grafana.com/docs, HTTP API, dashboards."""

import json
from threading import Event
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from infra.grafana import build
from infra.grafana.names import FOLDER
from infra.grafana.publish import Published, PublishFailed, Wanted, connected, publish

TOKEN = "glsa_0123456789abcdef"
Json = dict[str, Any]
BOARDS = build.dashboards()


class Grafana:
    """Keeps folders and dashboards as Grafana does, and what it was asked."""

    def __init__(self) -> None:
        self.folders: dict[str, str] = {}
        self.kept: dict[str, Json] = {}
        self.provisioned = False
        self.asked: list[tuple[str, str, Json]] = []
        self.meanwhile = 0  # how often somebody else saves just before a push

    def answer(self, request: Request) -> Response:
        said = json.loads(request.data) if request.data else {}
        path = request.path.partition("/api")[2]
        self.asked.append((request.method, path, said))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json({"message": "Invalid API key"}, 401)
        name = path.rpartition("/")[2]
        match request.method, path:
            case "GET", _ if path.startswith("/folders/"):
                return _known({"uid": name, "title": self.folders.get(name)}, name in self.folders)
            case "POST", "/folders":
                self.folders[said["uid"]] = said["title"]
                return _json(said)
            case "GET", _ if path.startswith("/dashboards/uid/"):
                return _known(self.kept.get(name, {}), name in self.kept)
            case "POST", "/dashboards/db":
                return self._save(said)
        return _json({"message": "Not found"}, 404)

    def _save(self, said: Json) -> Response:
        made = said["dashboard"]
        there = self.kept.get(made["uid"])
        if self.meanwhile and there:
            self.meanwhile -= 1
            there["dashboard"]["version"] += 1
        version = there["dashboard"]["version"] if there else 0
        if not said["overwrite"] and made["version"] != version:
            text = "The dashboard has been changed by someone else"
            return _json({"message": text, "status": "version-mismatch"}, 412)
        url = f"/d/{made['uid']}/x"
        meta = {"folderUid": said["folderUid"], "provisioned": self.provisioned, "url": url}
        kept = {**made, "id": 7, "version": version + 1}
        self.kept[made["uid"]] = {"dashboard": kept, "meta": meta}
        return _json({"uid": made["uid"], "url": url, "version": version + 1, "status": "success"})


def _json(said: Json, status: int = 200) -> Response:
    return Response(json.dumps(said), status, content_type="application/json")


def _known(said: Json, known: bool) -> Response:
    return _json(said) if known else _json({"message": "not found"}, 404)


@pytest.fixture
def grafana(httpserver: HTTPServer) -> Grafana:
    played = Grafana()
    httpserver.expect_request("").respond_with_handler(played.answer)
    for method in ("GET", "POST"):
        httpserver.expect_request(_Any(), method=method).respond_with_handler(played.answer)
    return played


class _Any(str):
    """Matches every path."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


def push(httpserver: HTTPServer, token: str = TOKEN, path: str = "", **how: Any) -> list[Published]:
    face = connected(httpserver.url_for(path), token)
    return list(publish(face, BOARDS, Wanted(**how)))


def outcomes(found: list[Published]) -> set[str]:
    return {one.outcome for one in found}


def test_all_are_made_in_their_folder_and_then_left_alone(
    httpserver: HTTPServer, grafana: Grafana
) -> None:
    first = push(httpserver)
    assert outcomes(first) == {"created"}
    assert [one.uid for one in first] == [made["uid"] for made in BOARDS.values()]
    assert grafana.folders == {FOLDER: "Groundswell"}
    assert {kept["meta"]["folderUid"] for kept in grafana.kept.values()} == {FOLDER}
    grafana.asked.clear()
    again = push(httpserver)
    assert outcomes(again) == {"unchanged"}
    assert {method for method, _, _ in grafana.asked} == {"GET"}
    assert all(one.url.startswith("/d/groundswell-") for one in [*first, *again])


def test_what_was_changed_is_put_right_by_its_uid(httpserver: HTTPServer, grafana: Grafana) -> None:
    push(httpserver)
    grafana.kept["groundswell-brand"]["dashboard"]["title"] = "Mine"
    found = {one.uid: one for one in push(httpserver)}
    assert found["groundswell-brand"].outcome == "updated"
    assert found["groundswell-brand"].version == 2
    assert grafana.kept["groundswell-brand"]["dashboard"]["title"] == "Brand watch"
    assert found["groundswell-incidents"].outcome == "unchanged"


def test_a_grafana_below_a_path(httpserver: HTTPServer, grafana: Grafana) -> None:
    assert outcomes(push(httpserver, path="/team/")) == {"created"}


def test_only_uids_and_the_two_old_interfaces_are_asked(
    httpserver: HTTPServer, grafana: Grafana
) -> None:
    """Interfaces by number are switched off in Grafana 13."""
    push(httpserver)
    paths = {path for _, path, _ in grafana.asked}
    allowed = ("/folders", f"/folders/{FOLDER}", "/dashboards/db", "/dashboards/uid/")
    assert [path for path in paths if not path.startswith(allowed)] == []


def test_a_dry_run_asks_and_changes_nothing(httpserver: HTTPServer, grafana: Grafana) -> None:
    assert outcomes(push(httpserver, dry_run=True)) == {"would create"}
    push(httpserver)
    grafana.kept["groundswell-brand"]["dashboard"]["title"] = "Mine"
    grafana.asked.clear()
    assert outcomes(push(httpserver, dry_run=True)) == {"would update", "unchanged"}
    assert {method for method, _, _ in grafana.asked} == {"GET"}


def test_what_somebody_saves_meanwhile_is_not_lost(
    httpserver: HTTPServer, grafana: Grafana
) -> None:
    push(httpserver)
    grafana.kept["groundswell-brand"]["dashboard"]["title"] = "Mine"
    grafana.meanwhile = 1
    with pytest.raises(PublishFailed, match=r"somebody saved another version.*412.*--overwrite"):
        push(httpserver)
    assert grafana.kept["groundswell-brand"]["dashboard"]["title"] == "Mine"
    grafana.meanwhile = 1
    push(httpserver, overwrite=True)
    assert grafana.kept["groundswell-brand"]["dashboard"]["title"] == "Brand watch"


def test_what_comes_from_a_file_is_said_to(httpserver: HTTPServer, grafana: Grafana) -> None:
    grafana.provisioned = True
    push(httpserver)
    grafana.kept["groundswell-brand"]["dashboard"]["title"] = "Old"
    with pytest.raises(PublishFailed, match="comes from a file"):
        push(httpserver, overwrite=True)


def test_a_wrong_token_is_told_and_not_shown(httpserver: HTTPServer, grafana: Grafana) -> None:
    with pytest.raises(PublishFailed, match=r"token is wrong or has expired \(401\)") as failed:
        push(httpserver, token="glsa_wrong")
    assert "glsa" not in str(failed.value)
    assert grafana.kept == {}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response('{"message": "no"}', 403), "has to be an Editor"),
        (Response('{"message": "database is locked"}', 500), "failed .500., try again.*locked"),
        (Response("<html>Bad gateway</html>", 502), "failed .502."),
        (Response('{"message": "bad json"}', 400), "refused .400.*bad json"),
        (Response('["no", "message"]', 422), "no Grafana"),
        (Response("<html>Log in</html>", 200), "no Grafana"),
        (Response("[]", 200), "no Grafana"),
        (Response("", 302, headers={"Location": "/login"}), "redirects are not followed"),
    ],
    ids=["403", "500", "502", "400", "a list", "not JSON", "no object", "redirect"],
)
def test_what_goes_wrong_is_told_in_one_line(
    httpserver: HTTPServer, answer: Response, told: str
) -> None:
    httpserver.expect_request(_Any()).respond_with_response(answer)
    with pytest.raises(PublishFailed, match=told) as failed:
        push(httpserver)
    assert "\n" not in str(failed.value)
    assert TOKEN not in str(failed.value)


def test_a_dashboard_of_another_form_is_no_grafana(httpserver: HTTPServer) -> None:
    httpserver.expect_request(_Any()).respond_with_json({"uid": "x"})
    with pytest.raises(PublishFailed, match="no dashboard in its answer"):
        push(httpserver)


def test_one_that_does_not_answer_is_waited_for_so_long(httpserver: HTTPServer) -> None:
    over = Event()

    def never(_: Request) -> Response:
        over.wait(30)
        return Response("{}")

    httpserver.expect_request(_Any()).respond_with_handler(never)
    with pytest.raises(PublishFailed, match="no answer in time"):
        list(publish(connected(httpserver.url_for(""), TOKEN, timeouts=(5, 0.1)), BOARDS, Wanted()))
    over.set()


def test_nobody_there(httpserver: HTTPServer) -> None:
    url = httpserver.url_for("")
    httpserver.stop()
    with pytest.raises(PublishFailed, match="connection refused"):
        list(publish(connected(url, TOKEN), BOARDS, Wanted()))
    httpserver.start()


@pytest.mark.parametrize("url", ["grafana.example", "ftp://x", "http://", "http://x:y"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(PublishFailed, match="no web address"):
        connected(url, TOKEN)
