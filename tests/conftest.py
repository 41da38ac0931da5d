"""The embedded database, once a process: chDB can have one folder open at a time. A broker, and
groundswell's own command in a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import structlog
from numpy.typing import NDArray

from infra.broker import EmbeddedBroker
from infra.migrate import migrate
from infra.open_store import open_folder
from infra.store import Store
from infra.store_chdb import ChdbStore
from processors.records import CleanPost
from tests.posts import clean_post
from tests.unmerged import Unmerged
from tests.waiting import wait_until


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """Drawn with all locals, the traceback of each failure that a test provokes takes a second."""
    *others, _ = structlog.get_config()["processors"]
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, renderer])


@pytest.fixture(scope="session")
def backups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the embedded database may copy itself to."""
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory, backups: Path) -> Iterator[ChdbStore]:
    """The database itself, with whatever the last test left in it: tests take `store`."""
    store = open_folder(tmp_path_factory.mktemp("embedded") / "database", backups)
    migrate(store)
    yield store
    store.close()


@pytest.fixture
def store(embedded: ChdbStore) -> Iterator[Store]:
    """The embedded database, migrated, with every table empty and merges held."""
    yield Unmerged(emptied(embedded))
    embedded.command("SYSTEM START MERGES")


def emptied(store: Store) -> Store:
    """Empty every table of ours and drop those that a test made."""
    rows = store.query(
        "SELECT name, startsWith(name, 'test_') FROM system.tables "
        "WHERE database = currentDatabase() AND name != 'migrations' "
        "AND (total_rows > 0 OR startsWith(name, 'test_'))"
    )
    for name, made_by_test in rows:
        store.command(f"DROP TABLE {name} SYNC" if made_by_test else f"TRUNCATE TABLE {name} SYNC")
    return store


# No test is about time: a busy machine must not fail one. CI judges a change and not its luck: the
# examples there are always the same, everywhere else each run draws others.
hypothesis.settings.register_profile("groundswell", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("groundswell")
# Before anything imports onnxruntime, as streams.cli does: tests reach nothing outside.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """`wait_until`."""
    return wait_until


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """The embedded broker, running; it is shared, so topics and groups need names of their own."""
    running = EmbeddedBroker(log=tmp_path_factory.mktemp("broker") / "broker.log")
    running.start()
    yield running
    running.stop()


class Command:
    """A groundswell command in a process of its own, with a folder for its temporary files."""

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        settings: Mapping[str, str],
        *,
        within: Sequence[str] = (),
    ) -> None:
        """`within`: words of a program that becomes the command, such as nsenter."""
        self.temporary = folder / "t"
        self.temporary.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if "GROUNDSWELL" not in name}
        self._out = folder / "out.txt"
        self._err = folder / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [*within, sys.executable, "-m", "streams.cli", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                env={**kept, "TMPDIR": str(self.temporary), "COLUMNS": "80", **settings},
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it has written to stdout."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """What it has written to stderr."""
        return self._err.read_text()

    def wait(self, seconds: float = 120.0) -> int:
        """Its exit status."""
        return self.process.wait(seconds)

    def children(self) -> dict[str, int]:
        """Process ids of what it runs, by the supervisor's names."""
        pids = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except (OSError, ValueError, IndexError):
                continue  # it ended while we looked
            if parent == self.process.pid:
                pids[_name(words)] = int(entry.name)
        return pids

    def stop(self) -> None:
        """End it and all it started, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def _name(words: Sequence[str]) -> str:
    if "worker" not in words:
        return "broker"
    stage = words[words.index("worker") + 1]
    return "keep" if stage == "store" else stage


@pytest.fixture
def groundswell(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Start `groundswell ARGUMENTS` in a folder of its own; settings are environment variables."""
    with starting_in(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def groundswell_of_module(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Command]]:
    """As `groundswell`, for what all tests of a module share."""
    with starting_in(tmp_path_factory.mktemp("commands")) as start:
        yield start


@contextmanager
def starting_in(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Start commands; all are stopped at the end of the block."""
    started: list[Command] = []

    def start(*arguments: object, folder: Path | None = None, **settings: str) -> Command:
        # Short: below it there are unix sockets, whose paths may have 107 characters.
        place = folder or tmp_path / str(len(started))
        place.mkdir(exist_ok=True)
        started.append(Command(place, [str(word) for word in arguments], settings))
        return started[-1]

    yield start
    for command in started:
        command.stop()


TINY_WIDTH, TINY_INNER, TINY_LAYERS = 64, 96, 3


@pytest.fixture(scope="session")
def tiny_weights() -> dict[str, NDArray[np.float32]]:
    """An encoder of three narrow layers that nobody trained, for the English tokenizer."""
    from processors.model_card import TOKENIZER_FILE
    from processors.models import ENGLISH

    pieces = len(json.loads((ENGLISH / TOKENIZER_FILE).read_bytes())["model"]["vocab"])
    rng = np.random.default_rng(5)
    width, inner = TINY_WIDTH, TINY_INNER
    shapes = {"words": (pieces, width), "positions": (128, width)}
    for layer in range(TINY_LAYERS):
        parts = {"qkv": (3 * width, width), "mix": (width, width)}
        parts |= {"widen": (inner, width), "narrow": (width, inner)}
        shapes |= {f"layers.{layer}.{name}": shape for name, shape in parts.items()}
    weights = {f"{name}.weight": rng.normal(0, 0.2, shape) for name, shape in shapes.items()}
    weights |= {
        f"{name}.bias": rng.normal(0, 0.2, shape[0])
        for name, shape in shapes.items()
        if name.startswith("layers")
    }
    norms = [f"layers.{n}.{norm}" for n in range(TINY_LAYERS) for norm in ("norm_mix", "norm_out")]
    for name in ["norm", *norms]:
        weights |= {f"{name}.weight": 1 + rng.normal(0, 0.1, width)}
        weights |= {f"{name}.bias": rng.normal(0, 0.1, width)}
    return {name: weight.astype(np.float32) for name, weight in weights.items()}


@pytest.fixture(scope="session")
def several_exits(
    tiny_weights: dict[str, NDArray[np.float32]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model folder with an exit after each of three layers; it says nothing true.

    Some texts are answered at each exit; German ones always as positive.
    """
    import onnx

    from processors.model_card import (
        ANY,
        HEADS_FILE,
        LABELS,
        TOKENIZER_FILE,
        Calibration,
        Card,
        Exit,
        write_card,
    )
    from processors.models import ENGLISH
    from processors.score_onnx import OnnxScorer
    from processors.train.onnx_graph import part_graph

    folder = tmp_path_factory.mktemp("several") / "model"
    folder.mkdir()
    heads: dict[str, NDArray[np.float32]] = {}
    exits = []
    for number, answers_from in enumerate((0.7, 0.7, 0.0)):
        last = number == TINY_LAYERS - 1
        part = part_graph(tiny_weights, [number], last=last, max_tokens=128, eight_bits=True)
        onnx.save(part, folder / f"exit-{number}.onnx")
        heads[f"weight_{number}"] = np.zeros((3, TINY_WIDTH), np.float32)
        heads[f"bias_{number}"] = np.zeros(3, np.float32)
        german = Calibration(temperature=1.0, offsets=(0.0, 0.0, 50.0))
        calibration = {ANY: Calibration(temperature=1.0), "de": german}
        exits.append(
            Exit(file=f"exit-{number}.onnx", calibration=calibration, answers_from=answers_from)
        )
    np.savez(folder / HEADS_FILE, allow_pickle=False, **heads)
    (folder / TOKENIZER_FILE).write_bytes((ENGLISH / TOKENIZER_FILE).read_bytes())
    write_card(
        Card(
            name="several exits",
            version="several-1",
            labels=LABELS,
            exits=tuple(exits),
            max_tokens=128,
            languages=("en", "de"),
        ),
        folder,
    )
    # Heads that tell texts apart: features of one layer are nearly the same for all of them.
    texts = [f"{word} {number}" for word in ("good", "the flight", "xq") for number in range(30)]
    scorer = OnnxScorer(folder, threads=1)
    rng = np.random.default_rng(6)
    for number in range(TINY_LAYERS):
        read = scorer.read(texts, ["en"] * len(texts), answer_at=number)
        features = np.array([reading.features for reading in read])
        weight = rng.normal(0, 1, (3, TINY_WIDTH)) / features.std(0) / TINY_WIDTH**0.5
        heads[f"weight_{number}"] = weight.astype(np.float32)
        heads[f"bias_{number}"] = -(weight @ features.mean(0)).astype(np.float32)
    np.savez(folder / HEADS_FILE, allow_pickle=False, **heads)
    return folder


@pytest.fixture(name="clean_post")
def make_clean_post() -> Callable[..., CleanPost]:
    """`clean_post` of tests.posts."""
    return clean_post
