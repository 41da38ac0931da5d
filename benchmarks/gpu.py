"""How fast a GPU scores, of what it could, and what its host must do for it.

    python -m benchmarks.gpu [--device cuda:0] [--out FILE] [--compile] [--quick]

Needs torch, transformers and tokenizers alone; with the project's other packages the host side is
measured whole. Each model (the shape of XLM-R-base and that of ours, weights random) reads texts of
32, 64 and 128 tokens and as long as tweets: by our batches, from texts to logits, and by the
`transformers` pipeline in the same precision at the batch size that is best for it, which is looked
for. `--device cpu --quick` only shows that it runs.
"""

import os

os.environ["RAYON_NUM_THREADS"] = os.environ.get("RAYON_NUM_THREADS", "1")  # of the host: one core

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.gpu_host import cores_for, host_rates
from benchmarks.gpu_models import (
    LONGEST,
    MIX,
    SHAPES,
    Shape,
    make_model,
    make_texts,
    make_tokenizer,
)
from benchmarks.machine import describe
from processors.torch_batches import Padding
from processors.torch_budget import TokenBudget, probe
from processors.torch_reader import Reader
from processors.torch_text import Coder

PEAKS = {
    # Dense 16-bit teraflops of data sheets, without sparsity; the first name found counts.
    "H200": 989.4,
    "H100 PCIe": 756.0,
    "H100 NVL": 835.0,
    "H100": 989.4,
    "B200": 2_250.0,
    "A100": 312.0,
    "L40S": 362.0,
    "L4": 121.0,
    "A10": 125.0,
    "T4": 65.0,
}
LENGTHS: tuple[int | str, ...] = (32, 64, 128, MIX)
CPU_TOKENS = 1_024
NOT_KNOWN = "not known"


class Effort(NamedTuple):
    """Texts of each length, seconds a figure, sizes of batches that the pipeline is tried with."""

    texts: int
    seconds: float
    sizes: tuple[int, ...]
    lengths: tuple[int | str, ...] = LENGTHS
    clock: Callable[[], float] = time.perf_counter


FULL = Effort(16_384, 3.0, (8, 16, 32, 64, 128, 256, 512))
ON_CPU = Effort(64, 1.0, (1, 8, 32), clock=time.process_time)
QUICK = Effort(48, 0.0, (8,), (32, MIX), clock=time.process_time)


def measure(device: str, *, quick: bool, compiled: bool) -> dict[str, object]:
    """Print the figures and return them. On a CPU one thread is used, and its own time counts."""
    import torch

    from processors.torch_device import device_of

    where = device_of(device)
    effort = QUICK if quick else FULL if where.startswith("cuda") else ON_CPU
    if where == "cpu":
        torch.set_num_threads(1)
    machine = _machine(where)
    print(json.dumps(machine))
    found: dict[str, object] = {"machine": machine, "quick": quick, "compiled": compiled}
    found["second"] = "of processor time" if where == "cpu" else "of the clock"
    for name, shape in SHAPES.items():
        used = shape.quick() if quick else shape
        found[name] = _of_model(name, used, where, effort, compiled=compiled)
    return found


def _of_model(
    name: str, shape: Shape, device: str, effort: Effort, *, compiled: bool
) -> dict[str, object]:
    from processors.torch_device import TorchDevice

    quick = not effort.seconds
    tokenizer = make_tokenizer(name, synthetic=quick)
    # Of its own: the pipeline leaves padding switched on.
    theirs = make_tokenizer(name, synthetic=quick)
    on = TorchDevice(make_model(shape), device=device, compiled=compiled)
    budget, step = CPU_TOKENS, 1
    if on.queues:
        budget, step = probe(on, longest=LONGEST).tokens, 8
    coder = Coder(tokenizer, longest=LONGEST)
    padding = Padding(coder.padding, step, LONGEST)
    reader = Reader(on, coder, TokenBudget(budget), padding=padding, outputs=3)
    peak, ceiling = peak_of(_machine(device)), _ceiling(device, on.precision, effort)
    print(
        f"{name}: {on.precision}, {budget:,} tokens a batch; matrices alone {ceiling:,.1f} TFLOPS"
    )
    result: dict[str, object] = {
        "precision": on.precision,
        "tokens_a_batch": budget,
        "matrices_tflops": round(ceiling, 2),
    }
    for length in effort.lengths:
        texts = make_texts(tokenizer, length, count=effort.texts)
        lengths = [len(ids) for ids in coder.code(texts)[0]]
        ours = _rate(reader.read, texts, effort.seconds, effort.clock)
        best, size = _pipeline(on, theirs, texts[: max(48, effort.texts // 8)], effort)
        flops = shape.operations(lengths) / len(texts) * ours
        host = host_rates(tokenizer, texts[:4_000], longest=LONGEST)
        result[str(length)] = {
            "tokens": round(statistics.mean(lengths), 1),
            "posts_per_second": round(ours, 1),
            "tflops": round(flops / 1e12, 3),
            "share_of_peak": round(flops / 1e12 / peak, 3) if peak else NOT_KNOWN,
            "share_of_matrices": round(flops / 1e12 / ceiling, 3),
            "pipeline_posts_per_second": round(best, 1),
            "pipeline_batch": size,
            "times_pipeline": round(ours / best, 2),
            "host": host,
            "cores_to_feed_it": cores_for(host, ours),
        }
        print(_line(str(length), result[str(length)]), flush=True)
    return result


def _line(length: str, found: Any) -> str:
    share = found["share_of_peak"]
    return (
        f"  {length:>9} tokens ({found['tokens']:5.1f}) {found['posts_per_second']:10,.1f} posts/s"
        f"  peak {share if isinstance(share, str) else f'{share:.1%}'}"
        f"  of matrices {found['share_of_matrices']:.1%}"
        f"  x {found['times_pipeline']:.2f} of the pipeline ({found['pipeline_batch']} a batch)"
        f"  cores to feed it {found['cores_to_feed_it']}"
    )


def _rate(
    work: Callable[[list[str]], object],
    texts: Sequence[str],
    seconds: float,
    clock: Callable[[], float],
) -> float:
    """Texts a second, after a first time, over at least so many seconds."""
    some = list(texts)
    work(some)
    began, done = clock(), 0
    while not done or clock() - began < seconds:
        work(some)
        done += len(some)
    return done / (clock() - began)


def _pipeline(on: Any, tokenizer: Any, texts: Sequence[str], effort: Effort) -> tuple[float, int]:
    """Texts a second of the pipeline at its best size of a batch, and that size."""
    from transformers import pipeline

    pipe = pipeline("text-classification", model=on.model, tokenizer=tokenizer, device=on.name)
    best, at = 0.0, 0
    for size in effort.sizes:

        def classify(some: list[str], size: int = size) -> None:
            pipe(some, batch_size=size, truncation=True, max_length=LONGEST)

        rate = _rate(classify, texts, effort.seconds / 3, effort.clock)
        if rate > best:
            best, at = rate, size
    return best, at


def _ceiling(device: str, precision: str, effort: Effort) -> float:
    """Teraflops of large matrices and nothing else, by torch's own product: random numbers."""
    import torch

    size = 128 if not effort.seconds else 8_192 if device != "cpu" else 1_024
    kind = getattr(torch, precision)
    one, other = (torch.randn(size, size, device=device).to(kind) for _ in range(2))

    def work(_: list[str]) -> None:
        for _ in range(10):
            one @ other
        if device != "cpu":
            torch.cuda.synchronize(device)

    times = _rate(work, [""], effort.seconds / 3, effort.clock)
    return times * 10 * 2 * size**3 / 1e12


def peak_of(machine: dict[str, object]) -> float | None:
    """Teraflops of the data sheet for a machine's GPU, None where none is known.

    >>> peak_of({"gpu": "NVIDIA H100 PCIe"}), peak_of({"gpu": None})
    (756.0, None)
    """
    name = str(machine["gpu"])
    return next((peak for known, peak in PEAKS.items() if known in name), None)


def _machine(device: str) -> dict[str, object]:
    import torch
    import transformers

    gpu = torch.cuda.get_device_name(device) if device != "cpu" else None
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    return {"gpu": gpu, "device": device} | versions | describe()


def main() -> None:
    """Measure, and write the figures where --out says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, auto")
    parser.add_argument("--quick", action="store_true", help="tiny models: only that it runs")
    parser.add_argument("--compile", action="store_true", help="by torch.compile")
    parser.add_argument("--out", type=Path, help="file for the figures, as JSON")
    options = parser.parse_args()
    found = measure(options.device, quick=options.quick, compiled=options.compile)
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
