"""The commands around the model: score as a filter, evaluate, models, train."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import pytest
import structlog
from rich.console import Console
from rich.progress import Progress
from typer.testing import CliRunner

from processors.evaluate import Evaluation
from processors.models import ENGLISH
from processors.score_onnx import OnnxScorer
from streams.cli import app, main
from streams.evaluation import EvaluateOptions, as_json, run_evaluate
from streams.failures import UsageError
from streams.training import PostsPerSecond, TrainOptions, run_train

COMMANDS = ("score", "evaluate", "train", "models")
TABLE = """text,label,language
"What a lovely flight, thank you!",positive,en
"Worst airline ever, never again.",negative,en
"The gate is B12.",neutral,en
"Ein Flug nach Bremen.",neutral,de
"""
QUIET = Console(quiet=True)


class Ended(NamedTuple):
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """The command in this process."""

    def call(*words: object) -> Ended:
        monkeypatch.chdir(tmp_path)
        for name in os.environ:
            if name.startswith("GROUNDSWELL"):
                monkeypatch.delenv(name)
        monkeypatch.setattr(sys, "argv", ["groundswell", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    yield call
    structlog.reset_defaults()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


class Filter(NamedTuple):
    """A running `groundswell score`."""

    process: "subprocess.Popen[bytes]"
    stdin: IO[bytes]
    stdout: IO[bytes]

    def ask(self, line: bytes) -> dict[str, Any]:
        """The answer to a line, while the pipe stays open."""
        self.stdin.write(line + b"\n")
        self.stdin.flush()
        found: dict[str, Any] = json.loads(self.stdout.readline())
        return found


@pytest.fixture
def score(tmp_path: Path) -> Iterator[Callable[..., Filter]]:
    """Starts `groundswell score` with the shipped model."""
    kept = {name: value for name, value in os.environ.items() if "GROUNDSWELL" not in name}
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> Filter:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "score", "--model", "english", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=kept,
            # Whoever runs the tests in the background of a shell has it ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        started.append(process)
        assert process.stdin is not None
        assert process.stdout is not None
        return Filter(process, process.stdin, process.stdout)

    yield start
    for process in started:
        with process:  # closes its pipes
            process.kill()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.output
    assert f"groundswell {command}" in " ".join(shown.output.split())


def test_every_line_is_answered_before_the_next_one_is_asked(
    score: Callable[..., Filter],
) -> None:
    running = score()
    good = running.ask(b"What a lovely flight, thank you so much!")
    assert (good["label"], good["language"]) == ("positive", "en")
    assert running.ask(b"")["abstained"] is True
    assert running.ask(b"\xff\xfe worst airline ever, never again")["label"] == "negative"
    assert running.process.communicate(b"last") == (answer_to("last"), b"")
    assert running.process.returncode == 0


def answer_to(text: str) -> bytes:
    """What the library says of a text of no known language, as the command writes it."""
    [one] = OnnxScorer(ENGLISH, threads=1).score([text])
    answer = {
        "label": one.label,
        "p_negative": one.p_negative,
        "p_neutral": one.p_neutral,
        "p_positive": one.p_positive,
        "abstained": one.abstained,
        "language": "und",
        "model": one.model,
    }
    return msgspec.json.encode(answer) + b"\n"


def test_many_lines_come_out_in_their_order_as_the_library_scores_them(
    score: Callable[..., Filter],
) -> None:
    texts = [f"flight {number} was {'good' if number % 3 else 'late'}" for number in range(1_500)]
    lines = "".join(
        json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts)
    )
    out, err = score("--language", "en").process.communicate(lines.encode())
    answers = [json.loads(line) for line in out.splitlines()]
    assert err == b""
    assert [one["id"] for one in answers] == list(range(1_500))
    given = OnnxScorer(ENGLISH, threads=2).score(texts, languages=["en"] * len(texts))
    assert [one["p_negative"] for one in answers] == [one.p_negative for one in given]


def test_a_line_that_cannot_be_read_is_told_at_the_end_too(score: Callable[..., Filter]) -> None:
    running = score("--explain")
    out, err = running.process.communicate(b'{"text":"a terrible flight"}\n{"tex\n{"text":""}\n')
    explained, wrong, nothing = [json.loads(line) for line in out.splitlines()]
    assert explained["explanation"][0][0] == "terrible"
    assert wrong == {"error": wrong["error"], "line": 2}
    assert nothing["explanation"] == []
    assert err == b"groundswell: lines that could not be read: 1\n"
    assert running.process.returncode == 1


def test_a_reader_that_has_enough_ends_it_quietly(score: Callable[..., Filter]) -> None:
    running = score("--language", "en")
    assert running.ask(b"one")["label"]
    running.stdout.close()
    with running.stdin as pipe:
        pipe.write(b"two\n" * 10)
    assert running.process.stderr is not None
    assert running.process.stderr.read() == b""
    assert running.process.wait() == 1


def test_ctrl_c_ends_it_without_a_traceback(score: Callable[..., Filter]) -> None:
    running = score("--language", "en")
    assert running.ask(b"one")["label"]
    running.process.send_signal(signal.SIGINT)
    assert running.process.communicate() == (b"", b"stopped\n")
    assert running.process.returncode == 130


def test_what_is_wrong_with_score_is_one_line(run: Run) -> None:
    nowhere = run("score", "--model", "nowhere")
    assert nowhere.stderr.startswith("groundswell: nowhere: no model folder")
    code = run("score", "--language", "english")
    assert (
        code.stderr
        == "groundswell: --language english: neither auto nor a code such as en or und\n"
    )
    assert (nowhere.returncode, code.returncode, nowhere.stdout, code.stdout) == (1, 1, "", "")


def test_an_evaluation_for_a_person_and_for_programs(run: Run, table: Path, tmp_path: Path) -> None:
    shown = run("evaluate", "english", "--data", table, "--out", tmp_path / "out.json")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "table.csv: 4 posts" in shown.stdout
    plain = run("evaluate", "english", "--data", table, "--json")
    found = msgspec.json.decode(plain.stdout, type=Evaluation)
    written = msgspec.json.decode((tmp_path / "out.json").read_bytes(), type=Evaluation)
    assert found.data == written.data
    assert set(found.data["table.csv"].by_language) == {"en", "de"}
    assert found.data["table.csv"].files[0].name == "table.csv"
    assert found.speed.posts_per_cpu_second > 0
    assert (found.robustness, found.attacks) == ({}, {})
    assert str(tmp_path) not in plain.stdout  # it is committed: no paths of a machine


def _options(*data: Path, **changed: Any) -> EvaluateOptions:
    return EvaluateOptions(model="english", data=data, date="2026-03-01", threads=1, **changed)


def test_checks_and_attacks_are_part_of_the_document(table: Path) -> None:
    found = run_evaluate(QUIET, _options(table, checks=True, attack=True))
    assert found.robustness["all"].cases > 100
    assert found.bias
    assert all(one.posts <= 3 for one in found.attacks.values())  # English ones alone
    assert msgspec.json.decode(as_json(found), type=Evaluation).model == found.model


def test_two_sets_of_one_name_are_told_apart(tmp_path: Path) -> None:
    paths = [tmp_path / part / "table.csv" for part in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(TABLE, encoding="utf-8")
    assert set(run_evaluate(QUIET, _options(*paths)).data) == {"a/table.csv", "b/table.csv"}


def test_languages_are_found_where_nobody_says_or_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    text = "Das war wirklich ein sehr schöner Flug nach Bremen"
    path.write_text(json.dumps({"text": text, "label": "positive"}) + "\n", encoding="utf-8")
    [part] = run_evaluate(QUIET, _options(path)).data.values()
    assert set(part.by_language) == {"de"}
    assert part.overall.abstained == 1  # the English model does not read it
    path.write_text(
        json.dumps({"text": text, "label": "positive", "language": "en"}) + "\n", encoding="utf-8"
    )
    [said] = run_evaluate(QUIET, _options(path)).data.values()
    [found] = run_evaluate(QUIET, _options(path, detect=True)).data.values()
    assert set(said.by_language) == set(found.by_language) == {"en"}
    assert (said.overall.abstained, found.overall.abstained) == (0, 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["english", "--data", "nope.csv"], "nope.csv: no such file or folder"),
        (["nowhere", "--data", "table.csv"], "nowhere: no model folder"),
        (["english", "--data", "table.csv", "--out", "/nope/x.json"], "--out /nope/x.json"),
        (["english", "--data", "table.csv", "--data", "table.csv"], "each --data once"),
        (["english", "--data", "german.csv", "--attack"], "--attack edits English posts"),
    ],
)
def test_what_is_wrong_with_evaluate_is_one_line(
    words: list[str], says: str, run: Run, table: Path, tmp_path: Path
) -> None:
    (tmp_path / "german.csv").write_text("text,label,language\nja,pos,de\n")
    ended = run("evaluate", *words)
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith("groundswell: ")
    assert says in line


def test_the_models_are_listed(run: Run) -> None:
    shown = run("models").stdout
    assert "english" in shown
    listed = json.loads(run("models", "--json").stdout)
    assert listed[0]["name"] == "english"
    assert listed[0]["active"] is True


def test_a_model_that_cannot_be_used_is_told_beside_the_others(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "groundswell-data" / "models" / "bad"
    bad.mkdir(parents=True)
    (bad / "card.json").write_text("{")
    ended = run("models")
    assert ended.returncode == 1
    assert "minilm-en" in ended.stdout
    assert "models/bad" in ended.stdout
    [line] = ended.stderr.splitlines()
    assert "models/bad/card.json: cannot be used as a model file" in line


def _training(**changed: Any) -> TrainOptions:
    options = TrainOptions(
        data=(Path("a.csv"),),
        base="minilm",
        method="full",
        languages=(),
        seed=0,
        out=Path("out"),
        epochs=None,
        resume=False,
        date="2026-03-01",
    )
    return options._replace(**changed)


def test_a_method_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="full, lora, adalora, prefix"):
        run_train(QUIET, _training(method="half"))


def test_training_says_what_it_needs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoTorch:
        """As if torch were not installed, whether it is or not."""

        def find_spec(self, name: str, *_: object) -> None:
            if name == "processors.train.run":
                raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.delitem(sys.modules, "processors.train.run", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoTorch(), *sys.meta_path])
    ended = run("train", "--data", "a.csv", "--out", "out")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "groundswell: training needs torch, which is not installed: make install-train, "
        "or pip install 'groundswell[train]'\n"
    )


def test_a_data_error_is_told_and_not_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("text,label\nx,wonderful\n")
    ended = run("evaluate", "english", "--data", "bad.csv")
    assert ended.stderr == (
        "groundswell: bad.csv, line 2: label 'wonderful' is none of negative, neutral, positive, "
        "0, 1, 2 and -1, 0, 1\n"
    )


def test_the_bar_of_training_tells_posts_a_second() -> None:
    now = iter(range(100))
    with Progress(PostsPerSecond(), disable=True, get_time=lambda: float(next(now))) as bar:
        task = bar.add_task("loss", total=9)
        assert PostsPerSecond().render(bar.tasks[0]).plain == ""
        for step in (5, 6, 7):
            bar.update(task, completed=step, posts_of_a_step=32.0)
        speed = bar.tasks[0].speed
        assert speed
        assert PostsPerSecond().render(bar.tasks[0]).plain == f"{32 * speed:,.0f} posts/s"
