"""By what a brand's posts are counted: the models that label them, the query that finds them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

NEW: Final = timedelta(hours=1)  # how long a model that came later than others counts as new
MOST: Final = 0.5  # of a brand's posts in a bucket: a new model is what counts it


class FlowCount(NamedTuple):
    """Posts of one brand, source, model and version of the brand's query in a bucket."""

    brand: str
    source: str
    model: str
    bucket: datetime
    posts: int
    query: str = ""  # empty: found by none, or it is not known by which


class Counting(Struct, frozen=True, array_like=True):
    """The query that most of a brand's posts were found by."""

    query: str
    is_mixed: bool = False  # others were found by another one


def other_query(counts: Iterable[FlowCount], counting: dict[str, Counting]) -> list[str]:
    """Brands of whose posts in this bucket most were found by another query than before, or all by
    one where it was most in the last: then nothing before this bucket is like what comes."""
    posts: dict[str, dict[str, int]] = {}
    for one in counts:
        if one.query:
            of_brand = posts.setdefault(one.brand, {})
            of_brand[one.query] = of_brand.get(one.query, 0) + one.posts
    told = []
    for brand, by_query in sorted(posts.items()):
        most = max(sorted(by_query), key=by_query.__getitem__)
        before = counting.get(brand)
        is_other = before is not None and before.query != most
        settles = before is not None and before.is_mixed and len(by_query) == 1
        if is_other or settles:
            told.append(brand)
        mixed = len(by_query) > 1 and (is_other or (before is not None and before.is_mixed))
        counting[brand] = Counting(most, mixed)
    return told


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
