"""What models there are, as their cards say."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from processors import model_list
from processors.model_card import CARD_FILE, Card, Quality, write_card
from processors.model_folder import read_card
from processors.model_list import as_text, languages_read, models
from processors.models import ENGLISH


def _quality(f1: float) -> Quality:
    return Quality(
        posts=9, macro_recall=0.725, accuracy=0.7, macro_f1=f1, ece=0.02, confusion=((9,),)
    )


@pytest.fixture
def card() -> Card:
    return msgspec.structs.replace(
        read_card(ENGLISH), version="mine-2", languages=("de", "fr"), validation=_quality(0.7)
    )


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No model of many languages is installed."""
    monkeypatch.setattr(model_list, "languages_folder", lambda: None)
    return None


def _kept(folder: Path, card: Card) -> Path:
    folder.mkdir(parents=True)
    write_card(card, folder)
    (folder / "exit-0.onnx").write_bytes(b"x" * 1_000)
    return folder


@pytest.mark.usefixtures("alone")
def test_the_shipped_and_the_kept_ones(tmp_path: Path, card: Card) -> None:
    mine = _kept(tmp_path / "models" / "mine-2", card)
    (tmp_path / "models" / "half-copied").mkdir()
    english, other = models(tmp_path / "models", active="auto")
    assert (english.name, english.active) == ("english", True)
    assert english.languages == ("en",)
    assert english.bytes == sum(file.stat().st_size for file in ENGLISH.iterdir())
    assert (other.name, other.version, other.active) == (str(mine), "mine-2", False)
    assert other.bytes == 1_000 + (mine / CARD_FILE).stat().st_size
    assert models(tmp_path / "models", active=str(mine))[1].active


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("setting", ["auto", "english"])
def test_the_live_one_is_in_use_in_place_of_the_shipped_one(
    tmp_path: Path, card: Card, setting: str
) -> None:
    mine = _kept(tmp_path / "mine-2", card)
    _kept(tmp_path / ".mine-3.part", card)  # being made
    english, other = models(tmp_path, active=setting, live=mine)
    assert (english.active, other.active) == (False, True)
    english, other = models(tmp_path, active=str(mine), live=None)
    assert (english.active, other.active) == (False, True)


def test_the_installed_one_of_many_languages(
    tmp_path: Path, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_language = {"de": _quality(0.6), "fr": _quality(0.7)}
    many = msgspec.structs.replace(card, by_language=by_language)
    monkeypatch.setattr(model_list, "languages_folder", lambda: _folder)
    _folder = _kept(tmp_path / "many", many)
    _, languages = models(tmp_path / "nothing", active="auto")
    assert (languages.name, languages.active) == ("languages", True)
    assert languages.mean_macro_f1 == pytest.approx(0.65)
    assert languages_read("auto") == {"en", "de", "fr"}
    assert languages_read("languages") == languages_read(str(_folder)) == {"de", "fr"}


@pytest.mark.usefixtures("alone")
def test_who_has_no_card_says_nothing_of_languages(tmp_path: Path) -> None:
    assert languages_read("english") == languages_read("auto") == {"en"}
    assert languages_read("hf:some/model") is None
    assert languages_read(str(tmp_path)) is None


@pytest.mark.usefixtures("alone")
def test_who_reads_all_languages_names_none(tmp_path: Path, card: Card) -> None:
    any_of_them = msgspec.structs.replace(card, engine="linear", exits=(), languages=())
    mine = _kept(tmp_path / "mine-2", any_of_them)
    assert languages_read(str(mine)) is None
    assert as_text(models(tmp_path, active="english")).splitlines()[2].endswith(" all")


@pytest.mark.usefixtures("alone")
def test_a_table_for_a_person(tmp_path: Path, card: Card) -> None:
    _kept(tmp_path / "mine-2", card)
    _kept(
        tmp_path / "many",
        msgspec.structs.replace(card, by_language={"a": _quality(0.6)} | {"b": _quality(0.7)}),
    )
    head, english, many, mine = as_text(models(tmp_path, active="english")).splitlines()
    assert head.split() == ["name", "version", "MB", "quality", "languages"]
    assert english.startswith("*  english")
    assert "macro F1 65.0" in many
    assert "macro recall 72.5" in mine
    assert mine.endswith("de fr")
    assert head.index("version") == mine.index("mine-2", mine.index("mine-2") + 1)


@pytest.mark.usefixtures("alone")
def test_a_damaged_card_is_named_and_hides_no_other(tmp_path: Path, card: Card) -> None:
    bad = _kept(tmp_path / "bad", card)
    (bad / CARD_FILE).write_text("{")
    _kept(tmp_path / "mine-2", card)
    found = models(tmp_path, active=str(bad))
    assert [(one.name, bool(one.problem)) for one in found] == [
        ("english", False),
        (str(bad), True),
        (str(tmp_path / "mine-2"), False),
    ]
    assert found[1].problem.startswith(f"{bad / CARD_FILE}: ")
    assert found[1].active
    assert as_text(found).splitlines()[2].endswith("cannot be used")
