"""brands check, preview and list as an analyst meets them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.posts import write_batch
from infra.settings import Settings
from infra.store import Store
from infra.store_socket import serve_store
from processors.pseudonym import pseudonym
from processors.records import CleanPost, ScoredPost, Sentiment
from processors.watched import WatchedBrand, version
from streams.cli import app

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "a long random text"
CONFIG = """
brands:
- name: Acme
  query: acme AND NOT hiring
  aliases: [acme bikes]
- name: Other
"""
Run = Callable[..., Result]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "groundswell.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def run(config: Path, tmp_path: Path) -> Run:
    def call(*words: object, code: int = 0, **more: str) -> Result:
        places = {"GROUNDSWELL_CONFIG": str(config), "GROUNDSWELL_DATA": str(tmp_path / "data")}
        ran = CliRunner().invoke(app, [*map(str, words)], env={**places, **more})
        assert ran.exit_code == code, ran.output
        return ran

    return call


@pytest.fixture
def tried(store: Store, run: Run, tmp_path: Path) -> Iterator[Run]:
    socket = tmp_path / "db.sock"
    server = serve_store(store, socket)

    def call(*words: object, code: int = 0, **more: str) -> Result:
        return run(*words, code=code, GROUNDSWELL_SOCKET=str(socket), **more)

    yield call
    server.close()


@pytest.fixture
def stored(store: Store, clean_post: Callable[..., CleanPost]) -> Store:
    """Three hours of posts about Acme, its jobs and Other; of the last one the feed names Acme."""
    texts = [
        *["acme is late"] * 6,
        *["acme is hiring"] * 3,
        *["an acme bike of other make"] * 2,
        *["other is fine"] * 4,
        "nothing to see",
    ]
    posts = []
    for number, text in enumerate(texts):
        is_given = number == len(texts) - 1
        brands = ("Acme",) if is_given or "acme" in text else ("Other",)
        clean = clean_post(
            post_id=f"x:{number}",
            position=number,
            text=text,
            author=pseudonym("x", f"author{number}", KEY.encode()),
            brands=brands,
            queries=("",) if is_given else ("1234abcd",),
            published_at=NOON + timedelta(minutes=10 * number),
        )
        label = Sentiment("negative" if number < 3 else "neutral", 0.8, 0.1, 0.1, "m")
        posts.append(ScoredPost(post=clean, sentiment=label, scored_at=NOON))
    write_batch(store, posts, NOON)
    return store


def test_a_query_is_said_in_words(run: Run) -> None:
    said = run("brands", "check").stdout
    assert version(WatchedBrand("Acme", ("acme bikes",), "acme AND NOT hiring")) in said
    assert "the word acme\n" in said
    assert "not the word hiring\n" in said
    assert 'the words "acme bikes", side by side' in said
    assert said.endswith("2 brands: 0 with errors, 0 with warnings\n")


@pytest.mark.parametrize(
    ("brand", "says", "is_error"),
    [
        ("{name: A1, query: 'acme AND ('}", "character 10: this bracket is never closed", True),
        ("{name: A1, query: 'lang:en'}", "needs no word of the post", True),
        (
            "{name: A1, query: 'acme lang:en lang:zh'}",
            "can never be true: a post has one lang",
            True,
        ),
        ("{name: A1, query: acme pie, exclude: [pie]}", "pie is left out, and is in what", True),
        ("{name: A1, aliases: [a1 pie], exclude: [pie]}", '"a1 pie" can never be true', False),
        ("{name: A1, aliases: ['']}", "aliases.0", True),
        ("{name: A1, qery: x}", "qery: there is no such setting", True),
        ("{name: A1, competitors: [Zeta]}", "'Zeta' is no other brand", True),
        ("{name: Other}", "another brand has the same name", True),
        ("{name: A1, query: other}", "finds the same posts as Other", False),
        ("{name: A1, query: a1 OR the}", "the alone is enough, and nearly every post", False),
        ("{name: A1, aliases: [x]}", "x alone is enough, and is a single character", False),
        ("{name: A1, aliases: [果]}", "is a single character", False),
        ("{name: A1, query: a1 and pie}", "the operator is written AND", False),
        ("{name: A1, query: acme OR acme}", "acme is there twice", False),
        ("{name: A1, query: acme}", "A1 itself is not looked for", False),
        ("{name: WN}", "has two letters", False),
        ("{name: A1, aliases: [737]}", "Input should be a valid string", True),
        ("{name: A1, aliases: ['737']}", "is a bare number", False),
        ("7", "brand 3", True),
        ("7", "fields are wanted, NAME: VALUE lines", True),
    ],
)
def test_what_is_wrong_or_doubtful_is_said(
    brand: str, says: str, is_error: bool, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(f"{CONFIG}- {brand}\n")
    said = run("brands", "check", path, code=int(is_error)).stdout
    assert says in said
    found = json.loads(run("brands", "check", path, "--json", code=int(is_error)).stdout)
    assert bool(found[2]["errors"]) == is_error or brand == "{name: Other}"


def test_brands_are_listed_with_their_versions(run: Run) -> None:
    said = run("brands", "list").stdout
    assert "acme AND NOT hiring | acme bikes" in said
    acme, other = json.loads(run("brands", "list", "--json").stdout)
    assert acme["name"] == "Acme"
    assert other["version"] == version(WatchedBrand("Other"))


def test_a_preview_says_what_is_gained_and_lost(stored: Store, tried: Run) -> None:
    ran = tried("brands", "preview", "Acme", "--query", "acme AND NOT late", "--json")
    found = json.loads(ran.stdout)
    assert found["stored"] == 16
    assert (found["present"]["posts"], found["present"]["negative"]) == (8, 3)
    assert (found["found"]["posts"], found["found"]["negative"]) == (5, 0)
    assert (found["gained"]["posts"], found["lost"]["posts"]) == (3, 6)
    assert found["given"] == 1
    assert found["examples"]["gained"] == ["acme is hiring"] * 3
    said = tried("brands", "preview", "Acme", "--query", "acme AND NOT late").stdout
    assert "gained: 3 posts, 0 % negative" in said
    assert "how many of those a wider query would have found is not known" in said


def test_a_preview_of_the_present_query_and_of_a_new_brand(stored: Store, tried: Run) -> None:
    said = tried("brands", "preview", "Acme", "--hours", "1").stdout
    assert "It is the query that is in the settings" in said
    said = tried("brands", "preview", "Zeta", "--query", "other").stdout
    assert "this query" in said
    assert "6 posts" in said
    assert "not in the settings yet" in said


def test_authors_are_met_again_under_their_hash(stored: Store, tried: Run) -> None:
    words = ("brands", "preview", "Acme", "--query", "acme author:@Author1", "--json")
    with_key = json.loads(tried(*words, GROUNDSWELL_AUTHOR_KEY=KEY).stdout)
    assert with_key["found"]["posts"] == 1
    without = json.loads(tried(*words).stdout)
    assert without["found"]["posts"] == 0
    assert "whose key is not here" in without["notes"][1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Zeta",), "no brand 'Zeta'"),
        (("Acme", "--query", "acme ("), "character 6"),
        (("Acme", "--query", "NOT acme"), "needs no word"),
    ],
)
def test_a_preview_that_cannot_be(words: tuple[str, ...], says: str, run: Run) -> None:
    ran = run("brands", "preview", *words, code=1)
    assert says in str(ran.exception)


def test_nothing_stored_is_said(store: Store, tried: Run) -> None:
    assert "nothing is stored" in str(tried("brands", "preview", "Acme", code=1).exception)


def test_settings_refuse_what_can_not_be_followed(config: Path, run: Run) -> None:
    config.write_text("brands:\n- {name: A, query: 'a AND ('}\n")
    assert "character 7" in str(run("brands", "list", code=1).exception)
    config.write_text("brands:\n- {name: A, query: acme, languages: [english]}\n")
    assert "no language" in str(run("brands", "list", code=1).exception)
    assert Settings(brands=[{"name": "A", "exclude": "b OR c"}]).brands[0].exclude == "b OR c"
