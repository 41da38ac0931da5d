"""Methods on any encoder of Hugging Face: full, LoRA, AdaLoRA and prefix tuning.

The folder is one of Hugging Face with a `calibration.json`; adapters are merged into the weights.
A prefix cannot be: its folder holds the adapter, and the base beside it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import torch
from torch import Tensor, nn

from processors.label_map import LabelMap, write_label_map
from processors.model_card import ANY, LABELS, Card, write_card
from processors.score import ModelError
from processors.torch_open import BASE_FOLDER, libraries
from processors.train.adapters import METHODS as ADAPTERS
from processors.train.adapters import hooks_of, with_adapters
from processors.train.bases import BASES, E5, MINILM, minilm_folder
from processors.train.cards import card_of
from processors.train.job import ABSTAIN_BELOW, Calibrate, Job, Temperatures
from processors.train.judge import judge_of
from processors.train.loop import fit
from processors.train.recipe import Recipe
from processors.train.samples import Coder
from processors.train.splits import Splits

# The classic recipe (Devlin et al. 2019): what most published fine-tunes are.
_CLASSIC: Final = Recipe(
    epochs=5,
    batch=16,
    max_tokens=128,
    rate=2e-5,
    head_rate=2e-5,
    smoothing=0.0,
    freeze_embeddings=False,
    patience=2,
)
RECIPES: Final[Mapping[str, Recipe]] = {
    "full": _CLASSIC,
    "lora": msgspec.structs.replace(_CLASSIC, rate=5e-4, head_rate=1e-3),
    # Its budget is spread over the whole run, so that stopping early would be too early.
    "adalora": msgspec.structs.replace(_CLASSIC, rate=3e-3, head_rate=1e-3, patience=0),
    # With smaller steps a prefix stays what it was drawn as.
    "prefix": msgspec.structs.replace(_CLASSIC, rate=2e-2, head_rate=1e-3),
}
_TOKENS: Final = 20  # of a prefix
_HEADS: Final = ("pooler", "pre_classifier")
"""What learns besides adapters and the classifier: who was never a classifier has it in name only.
"""


class Answers(nn.Module):  # type: ignore[misc,unused-ignore]  # Any without the extra
    """A model of Hugging Face as the loop wants it: one exit."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        return [self.model(input_ids=ids, attention_mask=mask).logits]


def train_hub(job: Job, splits: Splits, *, method: str) -> Calibrate:
    """Train and write the folder, with temperature 1; ModelError if the base cannot be used."""
    recipe = job.recipe(RECIPES[method])
    model, tokenizer = open_base(job.base, seed=job.seed)
    steps = recipe.steps(len(splits.train))
    if method == "prefix":
        model.save_pretrained(job.folder / BASE_FOLDER)
    adapted = _adapted(model, method, job.base, steps=steps, seed=job.seed)
    coder = coder_for(tokenizer, max_tokens=recipe.max_tokens)
    fit(
        Answers(adapted),
        splits.train,
        coder,
        recipe,
        seed=job.seed,
        state=job.state,
        device="auto",
        judge=judge_of(splits.dev, coder),
        progress=job.progress,
        hooks=hooks_of(adapted, method),
    )
    adapted = adapted.cpu()
    if method == "prefix":
        # A path on this machine means nothing on another.
        adapted.peft_config["default"].base_model_name_or_path = BASE_FOLDER
        adapted.config.save_pretrained(job.folder)
        adapted.save_pretrained(job.folder, save_embedding_layers=False)
    else:
        whole = adapted if method == "full" else adapted.merge_and_unload()
        whole.save_pretrained(job.folder)
    tokenizer.save_pretrained(job.folder)
    write_card(_card(job), job.folder)
    return _map_writer(job, recipe.max_tokens)


def open_base(base: str, *, seed: int) -> tuple[Any, Any]:
    """Return the encoder with a new head of three outputs, and its tokenizer; ModelError."""
    _, transformers = libraries()
    if base == E5:
        raise ModelError(f"the base {E5}: there is no prefix for it, only for {MINILM}")
    name = str(minilm_folder()) if base == MINILM else base
    # The backward pass of torch's fused attention is slower on a CPU (measured: a step by a third).
    attention = None if torch.cuda.is_available() else "eager"
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            model = transformers.AutoModelForSequenceClassification.from_pretrained(
                name,
                num_labels=len(LABELS),
                id2label=dict(enumerate(LABELS)),
                label2id={label: index for index, label in enumerate(LABELS)},
                ignore_mismatched_sizes=True,
                attn_implementation=attention,
            )
    except Exception as error:  # the library's errors share no narrower parent
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{base}: cannot be trained from: {reason}") from error
    return model.float(), tokenizer


def coder_for(tokenizer: Any, *, max_tokens: int) -> Coder:
    """Return the coder of a tokenizer of Hugging Face."""

    def encode(texts: list[str]) -> list[list[int]]:
        ids: list[list[int]] = tokenizer(texts, truncation=True, max_length=max_tokens)["input_ids"]
        return ids

    return Coder(encode, tokenizer.pad_token_id or 0)


def _adapted(model: Any, method: str, base: str, *, steps: int, seed: int) -> Any:
    """Return the model with what is to be trained of it."""
    if method == "full":
        return model
    import peft

    known = peft.utils.TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING
    where = {
        "task_type": peft.TaskType.SEQ_CLS,
        "target_modules": None if model.config.model_type in known else "all-linear",
        "modules_to_save": list(_HEADS),
    }
    try:
        if method in ADAPTERS:
            return with_adapters(model, method, steps=steps, seed=seed, where=where)
        return _with_prefix(model, seed=seed)
    except (ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{base}: --method {method} does not fit it: {reason}") from error


def _with_prefix(model: Any, *, seed: int) -> Any:
    import peft

    config = peft.PrefixTuningConfig(
        task_type=peft.TaskType.SEQ_CLS,
        num_virtual_tokens=_TOKENS,
        modules_to_save=list(_HEADS),
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return peft.get_peft_model(model, config)


def _card(job: Job) -> Card:
    own = BASES.get(job.base)
    # A path on this machine means nothing on another.
    source = Path(job.base).name if Path(job.base).is_dir() else job.base
    return card_of(
        job,
        engine="transformers",
        name=f"{own.title if own else source}, {job.version}",
        emoji="keep",
        base=own.source if own else source,
        licence=own.licence if own else f"Base weights: as {source} says.",
    )


def _map_writer(job: Job, max_tokens: int) -> Calibrate:
    found = LabelMap(
        labels=LABELS,
        abstain_below=ABSTAIN_BELOW,
        languages=job.languages,
        version=job.version,
        max_tokens=max_tokens,
    )

    def calibrate(temperatures: Temperatures) -> None:
        others = {code: value for code, value in temperatures.items() if code != ANY}
        fitted = msgspec.structs.replace(found, temperature=temperatures[ANY], temperatures=others)
        write_label_map(fitted, job.folder)

    write_label_map(found, job.folder)
    return calibrate
