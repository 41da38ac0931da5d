"""A model of Hugging Face, opened: by name, or from its folder, adapters included."""

from pathlib import Path
from typing import Any, Final

from processors.score import ModelError

LONGEST: Final = 512
"""Tokens of a post that are read, where neither the model nor its `calibration.json` says less."""
ADAPTER_FILE: Final = "adapter_config.json"
BASE_FOLDER: Final = "base"
"""In the folder of an adapter that cannot be merged: the model it belongs to."""


def libraries() -> tuple[Any, Any]:
    """Return torch and transformers, which is told to be quiet; ModelError if one is missing."""
    try:
        import torch
        import transformers
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "transformers"):
            raise
        raise ModelError(
            f"a model of Hugging Face needs {error.name}, which is not installed; it needs the "
            f"extra: pip install groundswell[gpu]"
        ) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


def open_hub(transformers: Any, name: str | Path) -> tuple[Any, Any]:
    """Return the tokenizer and the classifier. ModelError in one line that begins with `name`."""
    try:
        return transformers.AutoTokenizer.from_pretrained(str(name)), _model(transformers, name)
    except Exception as error:  # the library's errors share no narrower parent
        raise ModelError(f"{name}: cannot be used as a model: {one_line(error)}") from error


def one_line(error: Exception) -> str:
    """Return what an error says, in one line that is not long."""
    return " ".join(str(error).split())[:200]


def longest_of(tokenizer: Any, config: Any) -> int:
    """Return how many tokens of a text the model can read, LONGEST at the most."""
    positions = getattr(config, "max_position_embeddings", None) or LONGEST
    # Who counts positions from behind the padding (RoBERTa) has so many fewer.
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        positions -= (config.pad_token_id or 0) + 1
    return int(min(tokenizer.model_max_length, positions, LONGEST))


def version_of(name: str, config: Any) -> str:
    """Return what the model is called in its answers: name and commit, as far as they are known."""
    commit = getattr(config, "_commit_hash", None)
    short = Path(name).name if Path(name).is_dir() else name
    return f"{short}@{commit[:8]}" if commit else short


def _model(transformers: Any, name: str | Path) -> Any:
    auto = transformers.AutoModelForSequenceClassification
    if not (Path(name) / ADAPTER_FILE).is_file():
        return auto.from_pretrained(str(name))
    from peft import PeftModel

    base = auto.from_pretrained(str(Path(name) / BASE_FOLDER))
    return PeftModel.from_pretrained(base, str(name))
