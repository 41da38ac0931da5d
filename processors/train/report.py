"""What a trained model's folder says of it: `report.json` for programs, `README.md` for people."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from processors.measures import Measures, measures
from processors.model_card import LABELS
from processors.records import Label, Sentiment
from processors.score import Scorer
from processors.train.samples import Sample

REPORT_FILE: Final = "report.json"
README_FILE: Final = "README.md"
_LANGUAGES_TOLD: Final = "language"


class Report(Struct, frozen=True, kw_only=True):
    """How a model was trained, and how good it is on the test rows, calibrated."""

    version: str
    base: str
    method: str
    seed: int
    date: str
    data: tuple[str, ...]  # names of the files
    train: int  # posts
    dev: int
    temperatures: dict[str, float]  # by language; "" for the others
    test: Measures
    by_language: dict[str, Measures]


def judged(scorer: Scorer, rows: Sequence[Sample]) -> tuple[Measures, dict[str, Measures]]:
    """Return the measures of all `rows`, and of each language."""
    given = scorer.score([one.text for one in rows], languages=[one.language for one in rows])
    labels = [LABELS[one.label] for one in rows]
    pairs: dict[str, tuple[list[Label], list[Sentiment]]] = defaultdict(lambda: ([], []))
    for row, label, result in zip(rows, labels, given, strict=True):
        pairs[row.language][0].append(label)
        pairs[row.language][1].append(result)
    return measures(labels, given), {code: measures(*pair) for code, pair in sorted(pairs.items())}


def write_report(found: Report, folder: Path) -> None:
    """Write both files."""
    text = msgspec.json.format(msgspec.json.encode(found), indent=1)
    (folder / REPORT_FILE).write_bytes(text + b"\n")
    (folder / README_FILE).write_text("\n".join(_lines(found)) + "\n", encoding="utf-8")


def classification_report(found: Measures) -> list[str]:
    """Return lines: precision, recall and F1 of each class, means, confusion. In percent."""
    lines = [f"{'':<14}{'precision':>10}{'recall':>10}{'F1':>10}{'posts':>10}"]
    for label, one in found.classes.items():
        shares = "".join(f"{100 * share:>10.1f}" for share in (one.precision, one.recall, one.f1))
        lines.append(f"{label:<14}{shares}{one.posts:>10}")
    lines.append(f"{'macro':<24}{100 * found.macro_recall:>10.1f}{100 * found.macro_f1:>10.1f}")
    lines.append(f"{'accuracy':<34}{100 * found.accuracy:>10.1f}{found.posts:>10}")
    lines += ["", f"{'true / given':<14}" + "".join(f"{label:>10}" for label in LABELS)]
    for label, row in zip(LABELS, found.confusion, strict=True):
        lines.append(f"{label:<14}" + "".join(f"{count:>10}" for count in row))
    return lines


def _lines(found: Report) -> list[str]:
    lines = [f"# {found.version}", ""]
    base = f" from {found.base}" if found.base else ""
    lines.append(
        f"Made {found.date} by `groundswell train --method {found.method}`{base}, seed "
        f"{found.seed}, of {found.train} posts of {', '.join(found.data)}; stopped and calibrated "
        f"on {found.dev} others."
    )
    lines += ["", f"On {found.test.posts} test posts, in percent:", ""]
    lines += [f"    {line}".rstrip() for line in classification_report(found.test)]
    lines += ["", f"    {_LANGUAGES_TOLD:<10}{'posts':>8}{'recall':>10}{'F1':>10}{'ECE':>10}"]
    for code, one in found.by_language.items():
        shares = (one.macro_recall, one.macro_f1, one.ece)
        told = "".join(f"{100 * share:>10.1f}" for share in shares)
        lines.append(f"    {code:<10}{one.posts:>8}{told}")
    return lines
