"""The models that are there, by name."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from processors.baselines import LINEAR_CARD, open_baseline
from processors.baselines import NAMES as BASELINES
from processors.model_card import CARD_FILE, Engine
from processors.score import ModelError, Scorer
from processors.torch_options import TorchOptions

ENGLISH: Final = Path(__file__).parent / "english"
HUGGING_FACE: Final = "hf:"
OWN: Final = "py:"
LANGUAGES_ENTRY: Final = "groundswell.models"
"""Entry point group: a package with a model adds `NAME = "MODULE:FOLDER"`, a pathlib.Path."""


def open_model(
    model: str,
    *,
    threads: int,
    english: Path | None = None,
    torch: TorchOptions = TorchOptions(),  # noqa: B008 - it is frozen
) -> Scorer:
    """Return the scorer for a setting, as `processors.score.load_scorer` explains; ModelError.

    `english`: the folder that `auto` and `english` name in place of the shipped one. `torch`: how a
    model of Hugging Face is run.
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
    if model.startswith(HUGGING_FACE):
        return _open("transformers", model.removeprefix(HUGGING_FACE), threads, torch)
    if model.startswith(OWN):
        from processors.score_own import open_own

        return open_own(model.removeprefix(OWN), threads=threads)
    folder = Path(model)
    if (folder / CARD_FILE).is_file():
        return _open_as_card_says(folder, threads, torch)
    if (folder / LINEAR_CARD).is_file():
        return _open("linear", model, threads, torch)
    if (folder / "config.json").is_file():
        return _open("transformers", model, threads, torch)
    raise ModelError(
        f"{model}: no model folder (it holds no {CARD_FILE}), and none of auto, english, "
        f"languages, {', '.join(BASELINES)}, hf:NAME, py:MODULE:FUNCTION"
    )


def _open_as_card_says(folder: Path, threads: int, torch: TorchOptions) -> Scorer:
    from processors.model_folder import read_card

    card = read_card(folder)
    scorer = _open(card.engine, str(folder), threads, torch)
    if scorer.version != card.version:
        raise ModelError(
            f"{folder / CARD_FILE}: is of {card.version}, and the model beside it {scorer.version}"
        )
    return scorer


def _open(engine: Engine, model: str, threads: int, torch: TorchOptions) -> Scorer:
    if engine == "onnx":
        from processors.score_onnx import OnnxScorer

        return OnnxScorer(Path(model), threads=threads)
    if engine == "linear":
        from processors.baselines.linear import LinearScorer

        return LinearScorer(Path(model))
    from processors.score_torch import TorchScorer

    return TorchScorer(model, threads=threads, options=torch)


def languages_folder() -> Path | None:
    """Return the folder of the model of many languages, or None where it is not installed."""
    for entry in entry_points(group=LANGUAGES_ENTRY, name="languages"):
        found: Path = entry.load()
        return found
    return None
