"""The page over the embedded database, on loopback, with actions that only note what they did."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.brands import Brand
from infra.page.actions import Doer, Sample
from infra.page.app import page_app
from infra.page.gate import MARK, Gate
from infra.page.place import Place
from infra.page.serve import PageServer, beside, listen, names_for
from infra.page.settings import PageSettings
from infra.posts import write_batch
from infra.settings import FileSettings
from infra.share_labels import Span
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment

NOW = datetime(2026, 3, 1, 23, 20, tzinfo=UTC)
TOKEN = "the token that was printed"
BRANDS = (
    Brand(name="Acme", aliases=("acme motors",), competitors=("Northwind",)),
    Brand(name="Northwind"),
)


class Noting:
    """Actions that do nothing but remember."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.past: list[dict[str, Any]] = []  # incidents of a backtest
        self.sample = lambda span: Sample(span=span, queue=(), labelled=0)

    def _note(self, *what: Any) -> str:
        self.done.append(what)
        return "done"

    def acknowledge(self, store: Store, incident_id: str, doer: Doer) -> str:
        return self._note("acknowledge", incident_id, doer.by, doer.note)

    def withdraw(self, store: Store, incident_id: str, doer: Doer) -> str:
        return self._note("withdraw", incident_id, doer.by)

    def silence(self, store: Store, incident_id: str, length: timedelta, doer: Doer) -> str:
        return self._note("silence", incident_id, length, doer.by, doer.note)

    def end_silence(self, store: Store, silence_id: str, doer: Doer) -> str:
        return self._note("end_silence", silence_id, doer.by)

    def verdict(self, store: Store, incident_id: str, word: str, doer: Doer) -> str:
        return self._note("verdict", incident_id, word, doer.by, doer.note)

    def label(self, store: Store, posts: Any, label: str, doer: Doer) -> int:
        self._note("label", tuple(posts), label, doer.by)
        return len(posts)

    def resend(self, store: Store, receiver: str, notice_id: str, doer: Doer) -> str:
        return self._note("resend", receiver, notice_id, doer.by)

    def draw(
        self, store: Store, brand: str, length: timedelta, *, wanted: int, seed: int
    ) -> Sample:
        self._note("draw", brand, length, wanted)
        span = Span(brand=brand, since=NOW - length, until=NOW)
        return self.sample(span)

    def backtest(
        self, store: Store, brand: str, *, days: int, sensitivity: str, until: datetime
    ) -> dict[str, Any]:
        self._note("backtest", brand, days, sensitivity)
        return {
            "title": brand,
            "in_use": "balanced",
            "test": {"incidents": self.past},
            "judged": {},
        }


class Served:
    """A page that runs."""

    def __init__(self, server: PageServer, app: Any, actions: Noting, stack: ExitStack) -> None:
        self.url = server.address
        self.app = app
        self.actions = actions
        self._stack = stack

    def client(self, **headers: str) -> httpx.Client:
        """A browser that nobody has logged in yet."""
        client = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        return self._stack.enter_context(closing(client))

    def entered(self) -> httpx.Client:
        """A browser that came in by the printed address, on the page itself."""
        client = self.client(**{MARK: "1"})
        assert client.get("/enter", params={"token": TOKEN}).status_code == 303
        return client

    def logged_in(self, name: str, password: str) -> httpx.Client:
        """A browser of a user."""
        client = self.client(**{MARK: "1"})
        answer = client.post("/api/v1/login", json={"name": name, "password": password})
        assert answer.status_code == 200, answer.text
        return client


@pytest.fixture
def serve(store: Store) -> Iterator[Callable[..., Served]]:
    """Serve the page of a database; `page` are its settings, `now` its real time."""
    with ExitStack() as stack:

        def start(
            page: PageSettings | None = None,
            *,
            over: Store = store,
            now: Callable[[], datetime] = lambda: NOW,
            start_token: str = TOKEN,
            **settings: Any,
        ) -> Served:
            actions = Noting()
            place = Place(
                store=over,
                settings=FileSettings(**{"brands": BRANDS, "clock": "wall", **settings}),
                actions=actions,
                now=now,
            )
            page = page or PageSettings()
            hosts = names_for("127.0.0.1", page.hosts)
            app = page_app(place, Gate(page, start_token), hosts=hosts)
            server = PageServer(app, listen("127.0.0.1", 0))
            stack.enter_context(beside(server))
            return Served(server, app, actions, stack)

        yield start


@pytest.fixture
def write(store: Store, clean_post: Callable[..., CleanPost]) -> Callable[..., None]:
    """Store posts of a brand, a minute apart and back from `at`, by the chance of each."""

    def posts(
        *chances: float,
        brand: str = "Acme",
        at: datetime = NOW - timedelta(minutes=1),
        first: int = 0,
        **fields: Any,
    ) -> None:
        batch = []
        for number, chance in enumerate(chances, start=first):
            when = at - timedelta(minutes=number - first)
            own = {"text": f"Words {number} of {brand}", "cluster_id": number}
            own |= {"author": f"author {number}", **fields}
            post = clean_post(
                post_id=f"x:{brand}/{number}",
                position=number,
                feed=brand,
                brands=(brand,),
                published_at=when,
                received_at=when,
                **own,
            )
            label = "negative" if chance > 0.5 else "neutral"
            sentiment = Sentiment(label, chance, 1 - chance, 0.0, "m")
            batch.append(ScoredPost(post=post, sentiment=sentiment, scored_at=when))
        write_batch(store, batch, NOW)

    return posts
