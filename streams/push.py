"""`groundswell push`: JSON lines to the line, each batch said to be accepted once it is durable."""

import hashlib
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import msgspec
from msgspec import Struct

from infra.intake import Given
from infra.kafka import KafkaUnavailable
from infra.settings import Settings
from infra.store import StoreUnavailable
from processors.faults import plain_name
from processors.records import SOURCE, DeadLetter
from streams import topics
from streams.failures import Interrupted, NotTaken, UsageError
from streams.given import read_raw
from streams.lines import line_batches
from streams.session import interruptible
from streams.takers import Line, Taker, ToKafka, ToLine

BATCH = 200
WITHIN = 0.2
"""Seconds after its first line that a batch may wait for more."""
LONGEST_PAUSE = 5.0
STDIN = 0
BOM = b"\xef\xbb\xbf"


Pause = Callable[[Exception, int], None]  # what went wrong, how often in a row before


class Report(Struct, kw_only=True):
    """How far it has come."""

    accepted: int = 0
    unreadable: int = 0  # of those accepted
    refused: int = 0  # larger than the broker takes, so neither accepted nor a dead letter


class PushOptions(Struct, frozen=True, kw_only=True):
    """What the command line said."""

    file: Path | None  # None is stdin
    source: str = ""  # of lines that name none
    as_json: bool = False


def run_push(
    settings: Settings,
    options: PushOptions,
    say: Callable[[str], None],
    taker: Taker | None = None,
) -> None:
    """Hand over all lines and tell of it; `taker`: where to, in place of what the settings say.

    Raises UsageError, NotTaken when all lines but those are accepted, Interrupted.
    """
    if options.source and not re.fullmatch(SOURCE, options.source):
        raise UsageError("--source: letters, digits, _, . and -, at most 64; no post has another")
    report = Report()
    with interruptible(), ExitStack() as stack:
        fd = stack.enter_context(_open(options.file)).fileno() if options.file else STDIN
        feed = _feed(options)
        if taker is None:
            taker = ToKafka(settings) if settings.kafka else ToLine(settings, feed)
        stack.callback(taker.close)
        batches = line_batches(fd, most=BATCH, within=WITHIN)
        try:
            for _ in push(read(batches, options.source), taker, report, pause=_pausing()):
                say(_json(report) if options.as_json else f"accepted {report.accepted:,}")
        except Interrupted:
            say(_told(report, options, "stopped; the same command again is safe"))
            raise
    say(_told(report, options, "done"))
    if report.refused:
        raise NotTaken("lines larger than the broker takes were refused: they are nowhere")


def push(
    batches: Iterable[Sequence[Line]], taker: Taker, report: Report, *, pause: Pause
) -> Iterator[None]:
    """Hand batches over in order; yields after each, when it is accepted and in `report`.

    What the taker can never take is refused: counted, and passed over.
    """
    for batch in batches:
        failures = 0
        while True:
            try:
                refused = taker.take(batch)
                break
            except (StoreUnavailable, KafkaUnavailable) as error:
                pause(error, failures)
                failures += 1
        report.accepted += len(batch) - len(refused)
        report.refused += len(refused)
        report.unreadable += sum(not line.post_id for line in batch if line not in refused)
        yield


def _pausing() -> Pause:
    """Waits longer each time, and says on stderr once a row of failures why."""

    def pause(error: Exception, failures: int) -> None:
        if not failures:
            sys.stderr.write(f"waiting: {error}\n")
        time.sleep(min(0.1 * 2**failures, LONGEST_PAUSE))

    return pause


def read(batches: Iterable[Sequence[bytes]], source: str) -> Iterator[list[Line]]:
    """The lines that are not blank, with `source` where they name none."""
    position = 0
    for batch in batches:
        lines = []
        for raw in batch:
            text = raw.removeprefix(BOM) if position == 0 else raw
            if not text.strip():
                continue
            payload = _with_source(text, source) if source else text
            lines.append(Line(position, payload, _post_id(payload)))
            position += 1
        if lines:
            yield lines


def _open(path: Path) -> BinaryIO:
    if path.suffix in (".gz", ".csv", ".tsv"):
        raise UsageError(f"{path}: push reads JSON lines; `groundswell replay` reads other files")
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _feed(options: PushOptions) -> str:
    """The same for the same file read in the same way: what it pushes again is the same rows."""
    if options.file is None or not options.file.is_file():
        return f"push:{uuid4().hex[:12]}"
    with options.file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    digest.update(options.source.encode())
    return f"push:{plain_name(options.file.name)[:64]}@{digest.hexdigest()[:12]}"


def _with_source(payload: bytes, source: str) -> bytes:
    try:
        fields = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return payload  # it becomes a dead letter as it is
    if not isinstance(fields, dict) or "source" in fields:
        return payload
    return msgspec.json.encode({"source": source, **fields})


def _post_id(payload: bytes) -> str:
    row = Given(
        feed="push", position=0, topic=topics.RAW, payload=payload, arrived_at=datetime.now(UTC)
    )
    item = read_raw(row)
    return "" if isinstance(item, DeadLetter) else f"{item.source}:{item.native_id}"


def _json(report: Report) -> str:
    return msgspec.json.encode(report).decode()


def _told(report: Report, options: PushOptions, end: str) -> str:
    if options.as_json:
        return _json(report)
    bad = ""
    if report.unreadable:
        bad = f", {report.unreadable:,} of them no posts: dead letters, each with its reason"
    if report.refused:
        bad += f"; {report.refused:,} refused: larger than the broker takes"
    return f"{report.accepted:,} accepted{bad}; {end}"
