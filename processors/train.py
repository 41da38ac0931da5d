"""Train the English sentiment model and export it for live scoring.

    python -m processors.train --data ../shared/data/tweeteval --base MINILM_FOLDER \\
        --out processors/models/english --seed 0 --runs 3

A run takes 8 to 15 minutes of one core with AVX512-BF16. Several runs, each with its own
seed, are averaged weight by weight; the shipped model is the mean of three. With `--keep`,
the weights of a run are kept and a run that is already there is not repeated. On a CPU
with one thread the same arguments give the same weights.
"""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from time import monotonic

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from processors.train_data import Example, read_training, read_validation
from processors.train_model import Classifier, batches, load_tokenizer

BATCH = 32
EPOCHS = 1.25  # a third of this more adds confidence, not skill
WARM_UP = 0.06
RATE, HEAD_RATE = 1e-4, 1e-3

Weights = dict[str, Tensor]


def train(examples: Sequence[Example], *, base: Path, seed: int, device: str = "cpu") -> Weights:
    """Fine-tune the model at `base` on `examples`; return its weights, on the CPU.

    The embeddings stay as they are: they are half of the weights, most of their rows
    are never seen, and leaving them saves a fifth of the time.
    """
    torch.manual_seed(seed)
    random = Random(seed)
    model = Classifier(base).to(device).train()
    model.encoder.embeddings.requires_grad_(False)
    tokenizer = load_tokenizer(base)
    encoder = [weight for weight in model.encoder.parameters() if weight.requires_grad]
    groups = [
        {"params": encoder, "lr": RATE},
        {"params": list(model.head.parameters()), "lr": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.01)
    steps = math.ceil(len(examples) / BATCH * EPOCHS)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (WARM_UP * steps), (steps - step) / steps)
    )
    loss_of = nn.CrossEntropyLoss()
    step, started, mean = 0, monotonic(), math.log(3)
    while step < steps:
        for batch in batches(examples, tokenizer=tokenizer, size=BATCH, random=random):
            ids, mask, labels = (part.to(device) for part in batch)
            with torch.autocast(device, dtype=torch.bfloat16):
                logits = model(ids, mask)
            loss = loss_of(logits.float(), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            step, mean = step + 1, 0.99 * mean + 0.01 * loss.item()
            if step % 50 == 0 or step == steps:
                took = monotonic() - started
                say(f"seed {seed}: step {step}/{steps}, loss {mean:.3f}, {took:.0f} s")
            if step == steps:
                break
    return {name: weight.detach().cpu() for name, weight in model.state_dict().items()}


def average(runs: Sequence[Weights]) -> Weights:
    """Return the mean of several runs from the same base model, weight by weight."""
    return {
        name: torch.stack([run[name].double() for run in runs]).mean(0).to(weight.dtype)
        for name, weight in runs[0].items()
    }


def say(line: str) -> None:
    """Write one line of progress."""
    sys.stderr.write(line + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; see the module's docstring."""
    # onnxruntime looks once, when it is imported: it would tell its maker about each run.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from processors.train_export import Provenance, export

    parser = argparse.ArgumentParser(prog="processors.train", description="Train the model.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the tweets")
    parser.add_argument("--base", type=Path, required=True, help="folder of MiniLM-L6")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--keep", type=Path, help="folder for the weights of single runs")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first run")
    parser.add_argument("--runs", type=int, default=1, help="runs to average")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--version", default="minilm-en-1", help="marks every score")
    today = datetime.now(UTC).date()
    parser.add_argument("--date", type=date.fromisoformat, default=today, help="for the card")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    examples = read_training(options.data)
    validation = read_validation(options.data)
    say(f"{len(examples)} tweets to train on, {len(validation)} to judge by")
    runs: list[Weights] = []
    for seed in range(options.seed, options.seed + options.runs):
        kept = options.keep and options.keep / f"seed-{seed}.safetensors"
        if kept and kept.exists():
            runs.append(load_file(kept))
            continue
        runs.append(train(examples, base=options.base, seed=seed, device=options.device))
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            save_file(runs[-1], kept)
    model = Classifier(options.base)
    model.load_state_dict(average(runs))
    seeds = tuple(range(options.seed, options.seed + options.runs))
    made = Provenance(options.version, options.date, seeds, len(examples))
    card = export(
        model.eval(), base=options.base, out=options.out, validation=validation, made=made
    )
    say(f"wrote {options.out}, version {card.version}, temperature {card.temperature}")


if __name__ == "__main__":
    main()
