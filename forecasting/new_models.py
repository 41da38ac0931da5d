"""Which model counts a brand: when it is a new one, counts are no longer those of before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from forecasting.flow import FlowCount

NEW: Final = timedelta(hours=1)  # how long a model that came later than others counts as new
MOST: Final = 0.5  # of a brand's posts in a bucket: a new model is what counts it


def told_new_model(
    counts: Iterable[FlowCount],
    models: Mapping[str, datetime],
    marked: dict[str, list[str]],
    at: datetime,
) -> list[str]:
    """Brands that a model newer than others counts for the first time in this bucket."""
    first = min(models.values(), default=at)
    new = {model for model, seen in models.items() if seen - first >= NEW and at - seen <= NEW}
    if not new:
        marked.clear()
        return []
    posts: dict[str, int] = defaultdict(int)
    by_model: dict[tuple[str, str], int] = defaultdict(int)
    for one in counts:
        posts[one.brand] += one.posts
        if one.model in new:
            by_model[one.brand, one.model] += one.posts
    told = []
    for (brand, model), count in sorted(by_model.items()):
        if count >= MOST * posts[brand] and model not in marked.get(brand, []):
            marked.setdefault(brand, []).append(model)
            told.append(brand)
    return told
