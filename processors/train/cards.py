"""The `card.json` of a trained model, whatever the method."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from processors.measures import Measures, quality_of
from processors.model_card import LABELS, Card, write_card
from processors.model_folder import read_card
from processors.train.job import Job

LIMITS = "Judged on posts like those it was trained on alone; other streams have other errors."


def card_of(job: Job, **said: Any) -> Card:
    """Return what every method's card says; `said` are the other fields."""
    given = {"languages": job.languages, **said}
    return Card(
        version=job.version,
        labels=LABELS,
        date=job.date,
        seeds=(job.seed,),
        data=job.data,
        limits=LIMITS,
        **given,
    )


def tell_quality(folder: Path, overall: Measures, by_language: Mapping[str, Measures]) -> None:
    """Write into the card of `folder` how good the model is."""
    told = {code: quality_of(one) for code, one in by_language.items()}
    card = replace(read_card(folder), validation=quality_of(overall), by_language=told)
    write_card(card, folder)
