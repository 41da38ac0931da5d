"""Annotations of one Grafana by grafana-api, kept to one address that was checked.

Blocking. Its session follows no redirect, asks no proxy and reads a bounded answer.
"""

import ssl
from io import BytesIO
from time import monotonic
from typing import Any, Final
from urllib.parse import quote, urlsplit

from grafana_api.api import Annotations
from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace
from msgspec import Struct
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException, SSLError, Timeout, TooManyRedirects

from infra.deliver.records import Attempt, Outcome

ANSWER_BYTES: Final = 1_000_000


class Annotation(Struct, frozen=True, kw_only=True):
    """A mark on every dashboard that asks for its tags; with an end, a region."""

    key: str  # the tag that no other annotation has
    tags: tuple[str, ...]  # with the key
    text: str  # HTML
    begins: int  # milliseconds
    ends: int | None = None


class Pinned(HTTPAdapter):
    """Connects to `address` whatever the host's name means now; TLS still has to prove the name."""

    def __init__(self, address: str, tls: ssl.SSLContext) -> None:
        self._address = address
        self._tls = tls
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The hook that requests has for this."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            pool |= {"server_hostname": host["host"], "assert_hostname": host["host"]}
            pool["ssl_context"] = self._tls
        return {**host, "host": self._address}, pool

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """As always, with an answer that ends."""
        request.headers["Host"] = urlsplit(request.url or "").netloc.rpartition("@")[2]
        request.headers["Accept-Encoding"] = "identity"
        response = super().send(request, *args, **{**options, "stream": True})
        read = response.raw.read(ANSWER_BYTES, decode_content=False)
        response.raw.close()
        response.raw = BytesIO(read)
        return response


def face(url: str, token: str, *, pin: Pinned, timeouts: tuple[float, float]) -> GrafanaFace:
    """A Grafana at `url`, which may have a path; `timeouts` to connect and of each read."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    host = parts.hostname or ""
    made = GrafanaFace(
        token,
        host=f"[{host}]" if ":" in host else host,
        port=parts.port,
        protocol=parts.scheme,
        url_path_prefix=f"{path}/" if path else "",
        timeout=timeouts,
    )
    session = made.api.s
    session.trust_env = False
    session.max_redirects = 0
    for scheme in ("http://", "https://"):
        session.mount(scheme, pin)
    return made


def put(grafana: GrafanaFace, annotation: Annotation, *, until: float) -> Attempt:
    """Make it, or end the one there is: however often it is put, there is one.

    Writes nothing after `until` (monotonic clock): by then another attempt may have begun.
    """
    try:
        _put(grafana.annotations, annotation, until=until)
    except GrafanaException as error:
        # 400: this very annotation. Else it may get better, or a person mends the token's rights.
        outcome: Outcome = "gave_up" if error.status_code == 400 else "retry"
        detail = f"answered {error.status_code}: {error.message}"
        return Attempt(outcome=outcome, status=error.status_code, detail=detail)
    except (TypeError, ValueError, KeyError, AttributeError):  # no JSON, or not of that form
        return _later("what answers there is no Grafana")
    except RequestException as error:
        return _later(_why(error))
    return Attempt(outcome="delivered", status=200)


def _put(api: Annotations, annotation: Annotation, *, until: float) -> None:
    # grafana-api puts tags into the url as they are.
    found = api.get_annotation(tags=[quote(annotation.key, safe="")], limit=10)
    known = [one["id"] for one in found if annotation.key in one["tags"]]
    if monotonic() > until:
        raise Timeout
    form = {
        "time_from": annotation.begins,
        "time_to": annotation.ends,
        "tags": list(annotation.tags),
        "text": annotation.text,
    }
    if not known:
        api.add_annotation(**form)
    elif annotation.ends is not None:
        api.update_annotation(min(known), **form)


def _later(detail: str) -> Attempt:
    return Attempt(outcome="retry", detail=detail)


def _why(error: RequestException) -> str:
    match error:
        case TooManyRedirects():
            return "redirects are not followed, set the url it leads to"
        case Timeout():
            return "no answer in time"
        case SSLError():
            return f"TLS failed: {error}"
        case _:
            return "connection refused, unreachable or cut"
