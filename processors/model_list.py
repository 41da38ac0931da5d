"""The models there are to choose from, with what their cards say."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from processors.model_card import CARD_FILE, Card, Quality
from processors.models import ENGLISH, languages_folder
from processors.score import ModelError

AUTO: Final = "auto"
_CHOSEN: Final = {AUTO: ("english", "languages")}


class Model(Struct, frozen=True, kw_only=True):
    """A model; `name` is what `--model` and the setting `model` take."""

    name: str
    version: str
    languages: tuple[str, ...]  # empty: all
    bytes: int  # all files of its folder
    validation: Quality | None
    mean_macro_f1: float | None  # over languages, where the card tells of several
    active: bool  # whether it is what the setting names; `auto` names all it chooses from
    problem: str = ""  # why it cannot be used, where its card says so


def models(kept: Path, *, active: str, live: Path | None = None) -> list[Model]:
    """Return the shipped, the installed and those in the folder `kept`, in this order.

    `active`: the setting; `live`: the folder that answers in place of the shipped English model.
    One whose card is missing or damaged hides none of the others: its `problem` names the file.
    """
    names = set(_CHOSEN.get(active, (active,)))
    if live is not None and "english" in names:
        names = names - {"english"} | {str(live)}
    return [_model(name, folder, active=name in names) for name, folder in _folders(kept)]


def as_text(found: Sequence[Model]) -> str:
    """Return a table for a person; a star marks what is active. Problems are told elsewhere."""
    head = ("", "name", "version", "MB", "quality", "languages")
    rows = [head, *(_row(one) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]
        ).rstrip()
        for row in rows
    )


def _row(one: Model) -> tuple[str, ...]:
    star, size = "*" if one.active else "", f"{one.bytes / 1e6:.1f}"
    languages = "" if one.problem else " ".join(one.languages) or "all"
    return (star, one.name, one.version, size, _quality(one), languages)


def _quality(one: Model) -> str:
    if one.problem:
        return "cannot be used"
    if one.mean_macro_f1 is not None:
        return f"macro F1 {100 * one.mean_macro_f1:.1f}"
    if one.validation is not None:
        return f"macro recall {100 * one.validation.macro_recall:.1f}"
    return "not said"


def languages_read(model: str) -> frozenset[str] | None:
    """Return the languages of a model as their cards say; None where there is no card, or all."""
    from processors.model_folder import read_card

    shipped: dict[str, list[Path | None]] = {
        AUTO: [ENGLISH, languages_folder()],
        "english": [ENGLISH],
        "languages": [languages_folder()],
    }
    folders = [folder for folder in shipped.get(model, [Path(model)]) if folder is not None]
    if not all((folder / CARD_FILE).is_file() for folder in folders):
        return None
    found = [read_card(folder).languages for folder in folders]
    return frozenset(code for codes in found for code in codes) if all(found) else None


def _folders(kept: Path) -> Iterator[tuple[str, Path]]:
    yield "english", ENGLISH
    languages = languages_folder()
    if languages is not None:
        yield "languages", languages
    if kept.is_dir():
        for folder in sorted(kept.iterdir()):
            # Those with a dot are being made.
            if (folder / CARD_FILE).is_file() and not folder.name.startswith("."):
                yield str(folder), folder


def _model(name: str, folder: Path, *, active: bool) -> Model:
    from processors.model_folder import read_card

    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    try:
        card = read_card(folder)
    except ModelError as error:
        return Model(
            name=name,
            version="-",
            languages=(),
            bytes=size,
            validation=None,
            mean_macro_f1=None,
            active=active,
            problem=str(error),
        )
    return Model(
        name=name,
        version=card.version,
        languages=card.languages,
        bytes=size,
        validation=card.validation,
        mean_macro_f1=_mean_macro_f1(card),
        active=active,
    )


def _mean_macro_f1(card: Card) -> float | None:
    if len(card.by_language) < 2:
        return None
    return sum(one.macro_f1 for one in card.by_language.values()) / len(card.by_language)
