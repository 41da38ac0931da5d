"""The page beside a line: what people do there is what the commands do."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from socket import socket
from typing import Any, TypeVar, cast, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from forecasting.records import Sensitivity
from forecasting.verdicts import Word
from infra.config_watch import EVERY as FOLLOW_EVERY
from infra.config_watch import FOLLOWED, ConfigWatch
from infra.deliver.delivery_log import Wanted
from infra.deliver.records import Match
from infra.metrics import Reading
from infra.open_store import open_beside, open_store
from infra.page.actions import Doer, Sample
from infra.page.app import page_app, renew
from infra.page.chores import Chore
from infra.page.gate import Gate
from infra.page.place import Place
from infra.page.refused import Refused
from infra.page.serve import LOOPBACK, PageServer, beside, listen, names_for
from infra.page.settings import PageSettings
from infra.settings import Settings
from infra.share_labels import Span
from infra.store import Store
from streams import acknowledge, backtest, correct, deliveries, label, silences, verdicts
from streams.failures import LineFailed, UsageError
from streams.person import Person
from streams.session import interruptible
from streams.share import last_span

T = TypeVar("T")
PORT = 8700
HOST = "127.0.0.1"


class Acts(Struct, frozen=True):
    """The functions behind the commands, as the page calls them (infra.page.actions.Actions)."""

    settings: Settings

    def acknowledge(self, store: Store, incident_id: str, doer: Doer) -> str:
        """As `groundswell ack`."""
        return _asked(lambda: acknowledge.acknowledge(store, incident_id, _of(doer), at=doer.at))

    def withdraw(self, store: Store, incident_id: str, doer: Doer) -> str:
        """As `groundswell ack --undo`."""
        return _asked(lambda: acknowledge.withdraw(store, incident_id, _of(doer), at=doer.at))

    def silence(self, store: Store, incident_id: str, length: timedelta, doer: Doer) -> str:
        """As `groundswell silences add --incident`."""
        match, span = Match(incidents=(incident_id,)), (doer.at, length)
        made = _asked(lambda: silences.add(store, self.settings, match, _of(doer), span))
        return silences.sentence(made, now=doer.at)

    def end_silence(self, store: Store, silence_id: str, doer: Doer) -> str:
        """As `groundswell silences end`."""
        made = _asked(lambda: silences.end(store, silence_id, _of(doer), at=doer.at))
        return silences.sentence(made, now=doer.at)

    def verdict(self, store: Store, incident_id: str, word: str, doer: Doer) -> str:
        """As `groundswell verdict`."""
        if word not in get_args(Word):
            raise Refused(422, f"word is one of {', '.join(get_args(Word))}")

        def say() -> str:
            given = cast(Word, word)
            said = verdicts.about_incident(store, incident_id, given, _of(doer), at=doer.at)
            return verdicts.keep(store, self.settings, said)

        return _asked(say)

    def label(self, store: Store, posts: Sequence[str], word: str, doer: Doer) -> int:
        """As `groundswell correct`, each post by the same word."""
        return _asked(
            lambda: correct.keep(
                store,
                [correct.given_label(post_id, word) for post_id in posts],
                by=doer.by,
                note=doer.note,
                at=doer.at,
            )
        )

    def resend(self, store: Store, receiver: str, notice_id: str, doer: Doer) -> str:
        """As `groundswell resend`."""
        wanted = Wanted(receiver=receiver, notice_id=notice_id)
        return _asked(
            lambda: deliveries.resend(store, self.settings, wanted, _of(doer), at=doer.at)
        )

    def draw(
        self, store: Store, brand: str, length: timedelta, *, wanted: int, seed: int
    ) -> Sample:
        """As `groundswell label`."""

        def drawn() -> label.Sample:
            span: Span = last_span(store, brand, length)
            return label.sample(store, span, wanted=wanted, seed=seed)

        found = _asked(drawn)
        spare = tuple(one for some in found.spare.values() for one in some)
        return Sample(span=found.span, queue=found.queue, spare=spare, labelled=found.labelled)

    def backtest(
        self, store: Store, brand: str, *, days: int, sensitivity: str, until: datetime
    ) -> dict[str, Any]:
        """As `groundswell backtest`, with the hours."""
        if sensitivity not in get_args(Sensitivity):
            raise Refused(422, f"sensitivity is one of {', '.join(get_args(Sensitivity))}")
        asked = backtest.Asked(brand=brand, sensitivity=cast(Sensitivity, sensitivity))

        def look() -> backtest.Past:
            since, end = backtest.span_of(store, brand, days=days, until=until)
            return backtest.look_back(
                store, self.settings, asked, since=since, until=end, told=_unheard
            )

        told: dict[str, Any] = msgspec.to_builtins(_asked(look), builtin_types=(datetime,))
        watched = (one.sensitivity for one in self.settings.brands if one.name == brand)
        return {**told, "in_use": next(watched, "balanced")}


class Page(Struct, frozen=True, kw_only=True):
    """A page that listens; `link` lets in where it has a token."""

    server: PageServer
    link: str


def make_page(
    store: Store,
    settings: Settings,
    listening: socket,
    *,
    readings: Callable[[], Iterable[Reading]] = tuple,
) -> Page:
    """Answer once it is run. UsageError where anybody could come in.

    It follows the file that `settings.config_path` names: brands, receivers, and who may look.
    `readings` tells what the stages of this process's line have done.
    """
    host, access = listening.getsockname()[0], settings.page or PageSettings()
    people = access.users or access.tokens
    if host not in LOOPBACK and not people:
        raise UsageError(
            f"--host {host}: others could come in: name page.users or page.tokens in the settings"
        )
    token = "" if people else secrets.token_urlsafe(24)
    watch = ConfigWatch(settings, stage="page", names=FOLLOWED)
    place = Place(
        store=store,
        settings=settings,
        actions=Acts(settings),
        now=lambda: datetime.now(UTC),
        readings=readings,
        problem=lambda: watch.problem,
    )
    gate = Gate(access, token)

    def look() -> None:
        """Take over what is new in the file of settings."""
        news = watch.changed()
        if news is not None:
            people = news.page or PageSettings()
            gate.take(people)
            told = replace(place, settings=news, actions=Acts(news))
            renew(app, told, hosts=names_for(host, people.hosts))

    app = page_app(
        place, gate, hosts=names_for(host, access.hosts), chores=(Chore(look, FOLLOW_EVERY),)
    )
    server = PageServer(app, listening)
    address = f"{server.address}{access.root_path}"
    return Page(server=server, link=f"{address}/enter?token={token}" if token else address)


def serve_page(console: Console, settings: Settings, *, host: str, port: int) -> None:
    """Serve the page of a line that runs, or ran, until Ctrl-C."""
    with interruptible(), listen(host, port) as listening, closing(open_beside(settings)) as store:
        page = make_page(store, settings, listening)
        with beside(page.server) as thread:
            console.print(f"page: {page.link}", soft_wrap=True)
            while thread.is_alive():
                time.sleep(0.5)
            raise LineFailed("the page has ended: the log says why")


@contextmanager
def page_of(
    console: Console,
    settings: Settings,
    listening: socket,
    readings: Callable[[], Mapping[str, Reading]],
) -> Iterator[None]:
    """The page of a line that runs in the block, told on the console."""
    with closing(open_store(settings)) as store:
        page = make_page(store, settings, listening, readings=lambda: list(readings().values()))
        with beside(page.server):
            console.print(f"page: {page.link}", soft_wrap=True)
            yield


def listen_here() -> socket:
    """Where the page of a line listens: at PORT, or where another line's page is, anywhere."""
    try:
        return listen(HOST, PORT)
    except OSError:
        return listen(HOST, 0)


def _of(doer: Doer) -> Person:
    return Person(doer.by, doer.note)


def _unheard(_: datetime) -> None:
    """Nobody waits for how far it has come."""


def _asked(work: Callable[[], T]) -> T:
    """What the work gives; where its words do not fit, they are told."""
    try:
        return work()
    except UsageError as error:
        raise Refused(422, _without_commands(str(error))) from error


def _without_commands(told: str) -> str:
    """A command's words for who has a page before them: what follows the colon names a command."""
    before, colon, after = told.partition(": ")
    return before if colon and "`groundswell" in after else told
