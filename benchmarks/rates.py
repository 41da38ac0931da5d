"""make rates: what `groundswell plan` counts with, measured here; writes infra/rates.json.

    python -m benchmarks.rates [--out FILE] [--gpu POSTS_PER_SECOND]

Posts a second of CPU time, so other work on the machine matters less than it would for posts a
second. The rate of a GPU is what `benchmarks/gpu.py` printed on one; without it, what 45 % of the
dense bf16 peak of an H200 would do with XLM-R-base, and the file says that it is assumed.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks import constant, refine, stages, store
from benchmarks.figures import Effort
from benchmarks.line import plan_of, texts_of
from benchmarks.machine import describe
from benchmarks.posts import items, raw_posts
from forecasting.capacity import Rates
from processors.clean import model_text
from processors.models import languages_folder
from processors.records import ScoredPost
from processors.score import Scorer
from processors.score_onnx import OnnxScorer

OUT = Path(__file__).parents[1] / "infra" / "rates.json"
TEXTS = 2_000
FILLED = 1_000_000
# bf16 of an H200 without sparsity; XLM-R-base: 85 M weights, 12 layers of 768; tokens of a post.
PEAK, SHARE, WEIGHTS, LAYERS, WIDTH, TOKENS = 989e12, 0.45, 85e6, 12, 768, 40
# docs/detection.md and docs/forecast.md, each from a benchmark of its own.
JUDGE_SECONDS, FORECAST_SECONDS = 0.08 / 1000, 0.1


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rates", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--gpu", type=float, help="posts a second that one GPU was seen to score")
    arguments = parser.parse_args()
    rates = measure(Effort(3, 0.5), gpu=arguments.gpu)
    text = msgspec.json.format(msgspec.json.encode(rates), indent=2).decode()
    arguments.out.write_text(text + "\n")
    print(text)


def measure(effort: Effort, *, gpu: float | None) -> Rates:
    """All rates of this machine."""
    machine = describe()
    line = stages.measure(effort)
    each = {
        name: _middle(line["posts_per_cpu_second"]) / _middle(share)
        for name, share in _mapping(line["share"]).items()
    }
    written = store.writes(effort, items(raw_posts(effort.of(store.POSTS))))
    raw = raw_posts(TEXTS)
    languages = languages_folder()
    if languages is None:
        raise SystemExit("rates: needs the model of many languages: make languages")
    done = [item for item in items(raw) if isinstance(item, ScoredPost)]
    texts = [model_text(text) for text in texts_of(plan_of(TEXTS))]
    return Rates(
        measured=f"{machine['cores']} cores of {machine['cpu']}, {machine['date']}",
        feed=round(each["feed"]),
        refine=round(
            _middle(_mapping(refine.over_bare(effort, reposts=0.0))["posts_per_cpu_second"])
        ),
        score_english=round(_scored(constant.cascade(1), texts)),
        score_languages=round(_scored(OnnxScorer(languages, threads=1), texts)),
        score_host=round(each["score"]),
        store=round(each["keep"]),
        database_rows=round(_middle(written["bare_insert_rows_per_cpu_second"])),
        judge_seconds=JUDGE_SECONDS,
        forecast_seconds=FORECAST_SECONDS,
        raw_bytes=_bytes(raw),
        clean_bytes=_bytes([one.post for one in done]),
        scored_bytes=_bytes(done),
        row_bytes=round(store.bytes_a_post(FILLED)),
        gpu=gpu or round(assumed_gpu()),
        gpu_measured=gpu is not None,
    )


def assumed_gpu() -> float:
    """Posts a second: two operations a weight and token, and attention's two products.

    >>> round(assumed_gpu() / 1000)
    65
    """
    operations = 2 * WEIGHTS * TOKENS + 4 * LAYERS * WIDTH * TOKENS**2
    return SHARE * PEAK / operations


def _scored(scorer: Scorer, texts: Sequence[str]) -> float:
    scorer.score(texts[:50])
    began = time.process_time()
    scorer.score(texts[50:])
    return (len(texts) - 50) / (time.process_time() - began)


def _bytes(records: Sequence[object]) -> int:
    return round(len(msgspec.json.encode(records)) / len(records))


def _middle(spread: object) -> float:
    return float(_mapping(spread)["median"])


def _mapping(found: object) -> dict[str, float]:
    assert isinstance(found, dict)
    return found


if __name__ == "__main__":
    main()
