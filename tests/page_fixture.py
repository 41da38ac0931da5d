"""A server of the page's files and of JSON that never changes but by what is asked of it.

For tests of how the page looks and moves: what is true of the data is tested against the real one.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests import page_data as data

STATIC = Path(__file__).parents[1] / "infra" / "page" / "static"
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
STEPS = {"5m": 300, "1h": 3600, "1d": 86400}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)


class Line:
    """What the server tells, and what was asked of it."""

    def __init__(self, *, is_hostile: bool = True) -> None:
        """`is_hostile`: somebody among those who post means harm."""
        self.is_hostile = is_hostile
        self.overview = data.overview()
        self.story = data.story()
        self.me: dict[str, Any] | None = {
            "name": "start", "role": "admin", "brands": None, "can_write": True, "can_resend": True,
        }  # fmt: skip
        self.points = 0  # of a series; 0: by its range
        self.posts = [data.post(number) for number in range(6)]
        self.asked: list[tuple[str, str, dict[str, Any]]] = []  # method, path, body
        self.labels: dict[str, str] = {}  # of posts that were drawn
        self.news = threading.Condition()
        self.told: list[dict[str, Any]] = []
        self.is_closed = False
        self.listeners = 0

    def tell(self, brand: str, what: str) -> None:
        """An event, to everybody who listens."""
        with self.news:
            self.told.append({"brand": brand, "what": what, "at": data.iso(data.AT)})
            self.news.notify_all()

    def since(self, at: int) -> list[dict[str, Any]]:
        """Events after the first `at`; waits a little for one."""
        with self.news:
            self.news.wait_for(lambda: len(self.told) > at or self.is_closed, timeout=0.2)
            return self.told[at:]

    def close(self) -> None:
        """Nobody can listen, and who does is cut off."""
        with self.news:
            self.is_closed = True
            self.news.notify_all()

    def open(self) -> None:
        """One can listen again."""
        self.is_closed = False

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """JSON, None where there is nothing."""
        parts = path.removeprefix("/api/v1/").split("/")
        match [unquote(part) for part in parts]:
            case ["overview"]:
                return self.overview
            case ["brands", _, "series"]:
                return self._series(query)
            case ["brands", _, "selection"]:
                return data.selection()
            case ["brands", _, "labels"]:
                return data.bought(len(self.labels))
            case ["brands", _, "posts"]:
                label = query.get("label")
                wanted = query.get("post_id", "")
                found = [
                    one
                    for one in self.posts
                    if label in (None, one["label"]) and wanted in ("", one["post_id"])
                ]
                return {"posts": found, "next": None}
            case ["incidents", data.INCIDENT]:
                return self.story
            case ["backtest"]:
                return data.backtested(query["sensitivity"])
            case ["health"]:
                return data.health()
        return None

    def _series(self, query: dict[str, str]) -> Any:
        since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
        hours = (until - since).total_seconds() / 3600
        step = STEPS.get(query.get("step", "")) or (
            300 if hours <= 36 else 3600 if hours <= 500 else 86400
        )
        compare = query.get("compare", "")
        return data.series(hours, step, compare=compare, points=self.points, end=until)

    def change(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Do what is asked, as the real one would."""
        self.asked.append((method, path, body))
        if path.endswith("/acknowledge"):
            self.story["acknowledgement"] = {
                "by": "start",
                "at": data.iso(data.AT),
                "note": body["note"],
            }
        elif path.endswith("/verdict"):
            word = body["word"]
            self.story["verdict"] = None if word == "withdrawn" else {"word": word, "by": "start"}
        elif path.endswith("/silence"):
            end = data.iso(data.AT.replace(hour=23, minute=40))
            self.story["silences"] = [{"ends": end, "by": "start", "reason": body["reason"]}]
        elif path.endswith("/labels/draw"):
            return data.drawn(body["wanted"], self.labels)
        elif path.endswith("/labels"):
            if body["label"]:
                self.labels[body["draw"]] = body["label"]
            else:
                self.labels.pop(body["draw"])
        elif path.endswith("/login"):
            if body.get("token") != "right":
                return None
            self.me = {"name": "ann", "role": "analyst", "brands": None, "can_write": True}
        return {"detail": "done", "by": "start"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/api/v1/events":
            return self._events()
        if url.path == "/api/v1/me" or (self.line.me is None and url.path.startswith("/api/")):
            return self._json(self.line.me, missing=401)
        if url.path.startswith("/api/"):
            return self._json(self.line.answer(url.path, query))
        name = (
            url.path.removeprefix("/static/") if url.path.startswith("/static/") else "index.html"
        )
        file = STATIC / name
        if not file.is_file():
            return self._send(404, b"", "text/plain")
        return self._send(200, file.read_bytes(), KINDS.get(file.suffix, "text/plain"))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        if "x-groundswell" not in self.headers:
            return self._send(403, b"{}", "application/json")
        found = self.line.change(self.command, urlsplit(self.path).path, body)
        return self._json(found, missing=401)

    do_DELETE = do_POST  # noqa: N815 - as http.server names it

    def _json(self, found: Any, missing: int = 404) -> None:
        status = missing if found is None else 200
        told = {"detail": "nothing here"} if found is None else found
        told = data.spoilt(told) if self.line.is_hostile else told
        self._send(status, json.dumps(told).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", f"{kind}; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:  # one thread a browser
        line = self.line
        if line.is_closed:
            return self._send(503, b"{}", "application/json")
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        at = len(line.told)
        line.listeners += 1
        try:
            self.wfile.write(b"event: hello\nretry: 200\ndata: {}\n\n")
            while not line.is_closed and line is self.line:
                fresh = line.since(at)
                at += len(fresh)
                self.wfile.write(b":\n\n")
                for one in fresh:
                    self.wfile.write(f"event: news\ndata: {json.dumps(one)}\n\n".encode())
                self.wfile.flush()
        except OSError:
            pass  # the browser is gone
        line.listeners -= 1
        return None


@contextmanager
def serving(make: Callable[[], Line] = Line) -> Iterator[tuple[str, Callable[[], Line]]]:
    """An address, and what makes its line anew."""
    handler = type("Handler", (_Handler,), {"line": make()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a browser that left
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def anew() -> Line:
        handler.line = make()
        return handler.line

    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", anew
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
