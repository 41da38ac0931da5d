"""Methods on any encoder of Hugging Face: full, LoRA, AdaLoRA and prefix tuning.

The folder is one of Hugging Face with a `calibration.json`; adapters are merged into the weights.
A prefix cannot be: its folder holds the adapter, and the base beside it.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import torch
from torch import Tensor, nn

from processors.label_map import LabelMap, write_label_map
from processors.model_card import ANY, LABELS
from processors.score import ModelError
from processors.score_torch import BASE_FOLDER, libraries
from processors.train.encoder_full import MINILM, minilm_folder
from processors.train.job import ABSTAIN_BELOW, Calibrate, Job, Temperatures
from processors.train.judge import judge_of
from processors.train.loop import Hooks, fit
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
    "adalora": msgspec.structs.replace(_CLASSIC, rate=1e-3, head_rate=1e-3),
    "prefix": msgspec.structs.replace(_CLASSIC, rate=5e-3, head_rate=5e-3),
}
_RANK: Final = 16
_TOKENS: Final = 20  # of a prefix
_ORTHOGONAL: Final = 0.5  # weight of AdaLoRA's penalty (Zhang et al. 2023)


class Answers(nn.Module):  # type: ignore[misc,unused-ignore]  # Any without the extra
    """A model of Hugging Face as the loop wants it: one exit."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        return [self.model(input_ids=ids, attention_mask=mask).logits]


def train_hub(job: Job, splits: Splits, *, method: str) -> Calibrate:
    """Train and write the folder, with temperature 1; ModelError if the base cannot be used."""
    recipe = RECIPES[method]
    if job.epochs is not None:
        recipe = msgspec.structs.replace(recipe, epochs=job.epochs)
    model, tokenizer = open_base(job.base, seed=job.seed)
    steps = math.ceil(math.ceil(len(splits.train) / recipe.batch) * recipe.epochs)
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
        hooks=adalora_hooks(adapted) if method == "adalora" else None,
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
    return _map_writer(job, recipe.max_tokens)


def open_base(base: str, *, seed: int) -> tuple[Any, Any]:
    """Return the encoder with a new head of three outputs, and its tokenizer; ModelError."""
    _, transformers = libraries()
    name = str(minilm_folder()) if base == MINILM else base
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


def adalora_hooks(model: Any) -> Hooks:
    """Return the hooks of AdaLoRA: its penalty, its budget after a step, and what it remembers."""
    tuner = model.base_model
    allocator, config = tuner.rankallocator, tuner.peft_config[tuner.trainable_adapter_name]

    def penalty() -> Tensor:
        apart = [
            torch.linalg.matrix_norm(square - torch.eye(len(square), device=square.device))
            for square in _squares(model)
        ]
        return _ORTHOGONAL * torch.stack(apart).mean()

    def state() -> dict[str, Any]:
        return {
            "ipt": allocator.ipt,
            "exp_avg_ipt": allocator.exp_avg_ipt,
            "exp_avg_unc": allocator.exp_avg_unc,
            "rank_pattern": config.rank_pattern,
        }

    def restore(found: dict[str, Any]) -> None:
        device = next(model.parameters()).device
        for name in ("ipt", "exp_avg_ipt", "exp_avg_unc"):
            setattr(allocator, name, {key: one.to(device) for key, one in found[name].items()})
        config.rank_pattern = found["rank_pattern"]

    return Hooks(penalty, tuner.update_and_allocate, state, restore)


def _squares(model: Any) -> list[Tensor]:
    named = [(name, one) for name, one in model.named_parameters() if one.requires_grad]
    rows = [one @ one.T for name, one in named if "lora_A" in name]
    return rows + [one.T @ one for name, one in named if "lora_B" in name]


def _adapted(model: Any, method: str, base: str, *, steps: int, seed: int) -> Any:
    """Return the model with what is to be trained of it."""
    if method == "full":
        return model
    import peft

    known = peft.utils.TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING
    kind = {
        "task_type": peft.TaskType.SEQ_CLS,
        "target_modules": None if model.config.model_type in known else "all-linear",
    }
    try:
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            if method == "lora":
                config = peft.LoraConfig(r=_RANK, lora_alpha=2 * _RANK, lora_dropout=0.1, **kind)
            elif method == "adalora":
                # Rank is taken away from a tenth of the run on, and stays put in the last quarter.
                config = peft.AdaLoraConfig(
                    init_r=_RANK,
                    target_r=_RANK // 2,
                    lora_alpha=2 * _RANK,
                    lora_dropout=0.1,
                    total_step=steps,
                    tinit=steps // 10,
                    tfinal=steps // 4,
                    deltaT=max(1, steps // 100),
                    **kind,
                )
            else:
                config = peft.PrefixTuningConfig(
                    task_type=peft.TaskType.SEQ_CLS, num_virtual_tokens=_TOKENS
                )
            return peft.get_peft_model(model, config)
    except (ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{base}: --method {method} does not fit it: {reason}") from error


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
