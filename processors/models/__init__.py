"""The models that are there, by name."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from processors.baselines import LINEAR_CARD, open_baseline
from processors.baselines import NAMES as BASELINES
from processors.model_card import CARD_FILE
from processors.score import ModelError, Scorer

ENGLISH: Final = Path(__file__).parent / "english"
HUGGING_FACE: Final = "hf:"
LANGUAGES_ENTRY: Final = "groundswell.models"
"""Entry point group: a package with a model adds `NAME = "MODULE:FOLDER"`, a pathlib.Path."""


def open_model(model: str, *, threads: int, english: Path | None = None) -> Scorer:
    """Return the scorer for a setting, as `processors.score.load_scorer` explains; ModelError.

    `english`: the folder that `auto` and `english` name in place of the shipped one.
    """
    from processors.score_onnx import OnnxScorer
    from processors.score_route import RoutedScorer

    english = english or ENGLISH
    if model == "auto":
        reads_english, languages = OnnxScorer(english, threads=threads), languages_folder()
        if languages is None:
            return reads_english
        return RoutedScorer(reads_english, OnnxScorer(languages, threads=threads))
    if model == "english":
        return OnnxScorer(english, threads=threads)
    if model == "languages":
        folder = languages_folder()
        if folder is None:
            raise ModelError("the model of many languages is not installed: make languages")
        return OnnxScorer(folder, threads=threads)
    if model in BASELINES:
        return open_baseline(model)
    folder = Path(model)
    if (folder / LINEAR_CARD).is_file():
        from processors.baselines.linear import LinearScorer

        return LinearScorer(folder)
    if model.startswith(HUGGING_FACE) or (folder / "config.json").is_file():
        from processors.score_torch import TorchScorer

        return TorchScorer(model.removeprefix(HUGGING_FACE), threads=threads)
    if not (folder / CARD_FILE).is_file():
        raise ModelError(
            f"{model}: no model folder (it holds no {CARD_FILE}), and none of auto, english, "
            f"languages, {', '.join(BASELINES)}, hf:NAME"
        )
    return OnnxScorer(folder, threads=threads)


def languages_folder() -> Path | None:
    """Return the folder of the model of many languages, or None where it is not installed."""
    for entry in entry_points(group=LANGUAGES_ENTRY, name="languages"):
        found: Path = entry.load()
        return found
    return None
