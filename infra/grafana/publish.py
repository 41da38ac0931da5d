"""Dashboards put into a running Grafana, by grafana-api.

PublishFailed   it did not take them; says why, and what to do, in one line
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace
from msgspec import Struct
from requests.exceptions import RequestException, SSLError, Timeout, TooManyRedirects

from infra.grafana.look import Json
from infra.grafana.names import FOLDER, FOLDER_TITLE

TIMEOUTS: Final = (5.0, 30.0)
"""Seconds to connect, and of each read."""
MESSAGE: Final = "groundswell dashboards publish"
SAID: Final = 300
"""Characters of an answer that are repeated."""

Outcome = Literal["created", "updated", "unchanged", "would create", "would update"]


class PublishFailed(Exception):
    """Says in one line why, and what to do."""


class Published(Struct, frozen=True, kw_only=True):
    """What became of one dashboard."""

    uid: str
    title: str
    outcome: Outcome
    url: str = ""
    version: int = 0


class Wanted(Struct, frozen=True, kw_only=True):
    """How: into which folder; over what others saved since; or only to say what would be done."""

    folder: str = FOLDER
    folder_title: str = FOLDER_TITLE
    overwrite: bool = False
    dry_run: bool = False


def connected(url: str, token: str, *, timeouts: tuple[float, float] = TIMEOUTS) -> GrafanaFace:
    """A Grafana at `url`, which may have a path. Raises PublishFailed for no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise PublishFailed(f"{url}: no web address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PublishFailed(f"{url}: no web address, such as https://grafana.example.com")
    path = parts.path.strip("/")
    host = parts.hostname
    face = GrafanaFace(
        token,
        host=f"[{host}]" if ":" in host else host,
        port=port,
        protocol=parts.scheme,
        url_path_prefix=f"{path}/" if path else "",
        timeout=timeouts,
    )
    # A redirect would carry the token along, or turn a POST into a GET.
    face.api.s.max_redirects = 0
    return face


def publish(
    grafana: GrafanaFace, dashboards: Mapping[str, Json], wanted: Wanted
) -> Iterator[Published]:
    """Put each there, by its uid; what is as it should be is left alone. Raises PublishFailed.

    Where somebody saves another version between our look and our push, Grafana refuses (412),
    unless `overwrite`. What was saved before is replaced, and stays in Grafana's history.
    """
    if not wanted.dry_run:
        _make_folder(grafana, wanted)
    for name, made in dashboards.items():
        yield _put(grafana, name, made, wanted)


def _make_folder(grafana: GrafanaFace, wanted: Wanted) -> None:
    if _found(lambda: grafana.folder.get_folder(wanted.folder), "its folders") is None:
        _asked(
            lambda: grafana.folder.create_folder(wanted.folder_title, wanted.folder),
            f"the folder {wanted.folder_title}",
        )


def _put(grafana: GrafanaFace, name: str, made: Json, wanted: Wanted) -> Published:
    uid, title = made["uid"], made["title"]
    known = _found(lambda: grafana.dashboard.get_dashboard(uid), name)
    there: Json = _part(known, "dashboard", name) if known is not None else {}
    meta: Json = _part(known, "meta", name) if known is not None else {}
    version = int(there.get("version") or 0)
    if known is not None and _same(there, made) and meta.get("folderUid") == wanted.folder:
        url = str(meta.get("url", ""))
        return Published(uid=uid, title=title, outcome="unchanged", url=url, version=version)
    if meta.get("provisioned"):
        raise PublishFailed(
            f"{title} comes from a file of that Grafana: change the file, not what it made of it"
        )
    if wanted.dry_run:
        will: Outcome = "would create" if known is None else "would update"
        return Published(uid=uid, title=title, outcome=will, version=version)
    body = {
        "dashboard": {**made, "version": version},
        "folderUid": wanted.folder,
        "message": MESSAGE,
        "overwrite": wanted.overwrite,
    }
    said = _asked(lambda: grafana.dashboard.update_dashboard(body), title)
    return Published(
        uid=uid,
        title=title,
        outcome="created" if known is None else "updated",
        url=str(said.get("url", "")),
        version=int(said.get("version") or 0),
    )


def _same(there: Json, made: Json) -> bool:
    """Whether what is there says what it should; ids and versions are Grafana's own."""
    return {key: there.get(key) for key in made if key != "id"} == {
        key: value for key, value in made.items() if key != "id"
    }


def _part(answer: Json, key: str, name: str) -> Json:
    part = answer.get(key)
    if not isinstance(part, dict):
        raise PublishFailed(f"{name}: what answers there is no Grafana: no {key} in its answer")
    return part


def _found(ask: Callable[[], Any], what: str) -> Json | None:
    """The answer, None where there is no such thing (404)."""
    try:
        return _asked(ask, what)
    except PublishFailed as failed:
        if isinstance(cause := failed.__cause__, GrafanaException) and cause.status_code == 404:
            return None
        raise


def _asked(ask: Callable[[], Any], what: str) -> Json:
    try:
        answer = ask()
    except GrafanaException as error:
        raise PublishFailed(_why(error, what)) from error
    except RequestException as error:
        raise PublishFailed(f"{what}: {_unreachable(error)}") from error
    except (
        TypeError,
        ValueError,
        KeyError,
        AttributeError,
    ) as error:  # no JSON, or of another form
        raise PublishFailed(f"{what}: what answers there is no Grafana") from error
    if not isinstance(answer, dict):
        raise PublishFailed(f"{what}: what answers there is no Grafana")
    return answer


def _why(error: GrafanaException, what: str) -> str:
    said = " ".join(str(error.message).split())[:SAID]
    match error.status_code:
        case 401:
            return (
                f"{what}: the token is wrong or has expired (401): make one for a service account"
            )
        case 403:
            return f"{what}: the token may not do that (403): its account has to be an Editor"
        case 412:
            return (
                f"{what}: somebody saved another version since it was read, or another dashboard "
                "has its title (412): look at it, then publish again, or with --overwrite"
            )
        case status if status >= 500:
            return f"{what}: Grafana failed ({status}), try again later: {said}"
        case status:
            return f"{what}: refused ({status}): {said}"


def _unreachable(error: RequestException) -> str:
    match error:
        case Timeout():
            return "no answer in time; run it again: what was taken already is left alone"
        case TooManyRedirects():
            return "redirects are not followed, name the address it leads to"
        case SSLError():
            return f"TLS failed: {error}"
        case ValueError():  # requests' own error of JSON is both
            return "what answers there is no Grafana"
        case _:
            return "connection refused, unreachable or cut"
