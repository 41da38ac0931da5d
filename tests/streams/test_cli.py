"""The command line: what is wrong is one line that says what to do."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import structlog
from typer.testing import CliRunner

from infra.lock import locked
from streams.cli import app, main
from streams.cli_line import _console

GOOD = "id,text,time,brand\n1,hello Acme,2026-03-01T12:00:00Z,Acme\n"
COMMANDS = ("demo", "replay", "run", "worker", "migrate", "topics")
Run = Callable[..., Any]


class Ended(NamedTuple):
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """The command in this process, for what is refused before anything starts."""

    def call(*words: object, settings: Mapping[str, object] | None = None) -> Ended:
        monkeypatch.chdir(tmp_path)
        for name, value in (settings or {}).items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setattr(sys, "argv", ["groundswell", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        for name in settings or {}:
            monkeypatch.delenv(name)
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    yield call
    structlog.reset_defaults()


@pytest.fixture
def run_process(tmp_path: Path) -> Run:
    """The command in a process, to its end."""

    def wait(*words: object, settings: Mapping[str, object] | None = None) -> Ended:
        kept = {name: value for name, value in os.environ.items() if "GROUNDSWELL" not in name}
        ended = subprocess.run(
            [sys.executable, "-m", "streams.cli", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
            env={**kept, **{name: str(value) for name, value in (settings or {}).items()}},
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return wait


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_text(GOOD)
    return path


def refused(ended: Ended) -> str:
    """The one line on stderr."""
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("groundswell: ")
    return line


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.output
    assert f"groundswell {command}" in " ".join(shown.output.split())


def test_without_words_the_commands_are_listed() -> None:
    shown = CliRunner().invoke(app, [])
    assert all(command in shown.output for command in COMMANDS)


SERVERS = {
    "GROUNDSWELL_KAFKA": "kafka:9092",
    "GROUNDSWELL_CLICKHOUSE": "clickhouse://ann:hunter2@db/x",
}


@pytest.mark.parametrize(
    ("stages", "without", "says"),
    [
        (["score", "scre"], "", "scre is no stage; there are feed, feeds, refine, score, store"),
        (["store", "watch", "store"], "", "name store once"),
        (["feed"], "", "groundswell replay"),
        (["store"], "GROUNDSWELL_KAFKA", "GROUNDSWELL_KAFKA="),
        (["store"], "GROUNDSWELL_CLICKHOUSE", "GROUNDSWELL_CLICKHOUSE="),
        (["refine"], "", "GROUNDSWELL_AUTHOR_KEY is not set"),
    ],
)
def test_stages_that_cannot_run_are_refused_before_anything_starts(
    stages: Sequence[str], without: str, says: str, run: Run, tmp_path: Path
) -> None:
    settings = {name: value for name, value in SERVERS.items() if name != without}
    line = refused(run("worker", *stages, settings=settings))
    assert says in line
    assert "hunter2" not in line
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_before_a_command_has_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupts:
        """An import in which Ctrl-C arrives."""

        def find_spec(self, name: str, *_: object) -> None:
            if name == "infra.logs":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "infra.logs", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupts(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "stopped\n")


def test_ctrl_c_in_a_command_that_does_not_look_out_for_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def demo() -> None:
        raise KeyboardInterrupt

    command = next(each for each in app.registered_commands if each.callback is not None)
    monkeypatch.setattr(command, "callback", demo)
    ended = run("demo")
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "stopped\n")


def test_what_takes_long_to_import_waits_until_ctrl_c_is_looked_out_for() -> None:
    script = "import sys, streams.cli; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in shown.stdout.decode().split()}
    assert "typer" in loaded
    assert not loaded & {"infra", "processors", "pydantic", "faust", "rich", "msgspec"}


@pytest.mark.parametrize("name", ["[red]Acme[/blue]", "A [cme]"])
def test_a_name_with_brackets_is_shown_as_it_is(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _console().print(name)
    assert capsys.readouterr().out == f"{name}\n"


def test_a_file_that_is_not_there(run: Run) -> None:
    assert "nope.csv: No such file" in refused(run("replay", "nope.csv"))


@pytest.mark.parametrize(
    ("header", "words", "names"),
    [
        ("id,text", (), "'time'"),
        ("id,time", (), "'text'"),
        ("id,text,time", ("--map", "text=tweet"), "'tweet'"),
        ("id,text,time", ("--map", "txt=text"), "'txt'"),
        ("id,text,time", ("--map", "text"), "--map text"),
    ],
)
def test_a_missing_column_is_named(
    header: str, words: Sequence[str], names: str, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text(f"{header}\n1,2,3\n")
    assert names in refused(run("replay", path, *words))


def test_a_missing_column_as_a_person_meets_it(run_process: Run, tmp_path: Path) -> None:
    (tmp_path / "tweets.csv").write_text("id,text\n1,2\n")
    line = refused(run_process("replay", "tweets.csv"))
    assert line == (
        "groundswell: no column 'time'; name it with --map time=COLUMN: tweets.csv has id, text"
    )


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "nan", "inf", ""])
def test_a_speed_that_is_none(speed: str, run: Run, posts: Path) -> None:
    assert "--speed" in refused(run("replay", posts, f"--speed={speed}"))


HUGE = "9" * 23


@pytest.mark.parametrize(
    "words",
    [
        ("demo", "--speed", "0"),
        ("demo", "--speed", "nan"),
        ("dlq", "list", "--most", HUGE),
        ("dlq", "retry", "--feed", "x", "--position", HUGE),
        ("dlq", "show", "x", HUGE),
        ("feeds", "status", "--hours", "1e308"),
        ("plan", "--posts-per-second", "1e300"),
        ("plan", "--posts-per-second", "1", "--kept-days", "1e308"),
        ("plan", "--posts-per-second", "1", "--peak", "inf"),
        ("share", "Acme", "--hours", "inf"),
    ],
)
def test_a_number_beyond_all_measure_is_refused(words: Sequence[str]) -> None:
    ended = CliRunner().invoke(app, list(words))
    assert ended.exit_code == 2
    assert "Invalid value" in ended.stderr


def test_a_terminal_that_lacks_the_letters_gets_their_numbers(run_process: Run) -> None:
    settings = {"GROUNDSWELL_BRANDS": '[{"name": "北"}]', "PYTHONIOENCODING": "latin-1"}
    ended = run_process("brands", "list", settings=settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("\\u5317 ")


def test_an_argument_that_is_no_text_is_told_in_a_line(run: Run, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/posts\xff.csv")
    Path(path).write_text(GOOD)
    ended = run("replay", path)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "posts\\udcff.csv': an argument that is no UTF-8" in ended.stderr


def test_a_brand_without_a_name(run: Run, posts: Path) -> None:
    assert "--brand =x" in refused(run("replay", posts, "--brand", "=x"))


def test_a_brand_that_cannot_be_is_told_by_its_option(run: Run, posts: Path) -> None:
    line = refused(run("replay", posts, "--brand", "n" * 300))
    assert f"--brand {'n' * 40}: setting name: " in line


def test_a_summary_that_cannot_be_written_is_said_before_the_run(run: Run, posts: Path) -> None:
    assert "--summary /nope/out.json" in refused(
        run("replay", posts, "--summary", "/nope/out.json")
    )


def test_a_second_line_on_the_same_folder_is_refused(run: Run, posts: Path, tmp_path: Path) -> None:
    with locked(tmp_path / "data"):
        line = refused(run("replay", posts, "--data", tmp_path / "data"))
    assert str(tmp_path / "data") in line
    assert f"process {os.getpid()}" in line


def test_a_folder_that_cannot_be_written_to(run: Run, posts: Path) -> None:
    # Below a file nobody can make a folder, root neither.
    line = refused(run("replay", posts, "--data", posts / "data"))
    assert f"cannot write to {posts / 'data'}" in line


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("partitions: none", "partitions"),
        ("brands:\n- {name: Acme, colour: red}", "brands.0.colour"),
        ("{{", "config.yaml"),
    ],
)
def test_a_wrong_setting_is_named(
    text: str, names: str, run: Run, posts: Path, tmp_path: Path
) -> None:
    (tmp_path / "config.yaml").write_text(text)
    settings = {"GROUNDSWELL_CONFIG": tmp_path / "config.yaml"}
    line = refused(run("replay", posts, settings=settings))
    assert names in line
    assert f"{tmp_path / 'config.yaml'}:" in line


def test_a_wrong_variable_is_named(run: Run, posts: Path) -> None:
    assert "clock" in refused(run("replay", posts, settings={"GROUNDSWELL_CLOCK": "sundial"}))
    line = refused(run("replay", posts, settings={"GROUNDSWELL_BRANDS": "Acme"}))
    assert "GROUNDSWELL_BRANDS: no JSON" in line
    nowhere = {"GROUNDSWELL_CONFIG": "/nope/groundswell.yaml"}
    assert "/nope/groundswell.yaml" in refused(run("replay", posts, settings=nowhere))


def test_a_database_server_that_is_away(run_process: Run) -> None:
    with socket.socket() as nobody:  # bound and not listening: refused at once
        nobody.bind(("127.0.0.1", 0))
        address = f"clickhouse://127.0.0.1:{nobody.getsockname()[1]}/x"
        line = refused(run_process("migrate", settings={"GROUNDSWELL_CLICKHOUSE": address}))
    assert "127.0.0.1" in line


def test_migrating_twice(run_process: Run, tmp_path: Path) -> None:
    settings = {"GROUNDSWELL_DATA": tmp_path / "data"}
    first = run_process("migrate", settings=settings)
    assert first.returncode == 0
    assert first.stdout.count("applied 000") >= 3
    assert run_process("migrate", settings=settings).stdout == "nothing to do\n"
