"""Routes of labelling at random: posts to label, their labels, and what those bought."""

import random
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Body, Request
from itsdangerous import BadSignature, URLSafeSerializer
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from infra.page.asks import BrandName, Caller, Here, gate_of
from infra.page.labelling import ToLabel, read_bought, to_label
from infra.page.place import Place, clock_of, span_of, words
from infra.page.refused import Refused
from infra.page.replies import reply
from infra.share_labels import Drawn as Chosen
from infra.share_labels import ShareLabel, Span, write_share_labels

router = APIRouter()
BrandField = Annotated[str, Field(min_length=1, max_length=256)]
MOST_DRAWN: Final = 200
MOST_SPARE: Final = 100
WEEK: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=28)


class Draw(BaseModel):
    """Of what brand, of the last so many days, up to so many labels in all."""

    model_config = ConfigDict(extra="forbid")

    brand: BrandField
    days: Annotated[float, Field(gt=0, le=28, allow_inf_nan=False)] = 7.0
    wanted: Annotated[int, Field(ge=1, le=1_000)] = 100


class Drawn(BaseModel):
    """A post that was drawn, by the `draw` it came with; an empty label takes it back."""

    model_config = ConfigDict(extra="forbid")

    draw: Annotated[str, Field(max_length=4_096)]
    label: Literal["negative", "neutral", "positive", ""]


class Sample(Struct, frozen=True, kw_only=True):
    """Posts to label, of [since, until). `labelled`: random labels that the span has already."""

    since: datetime
    until: datetime
    labelled: int
    posts: list[ToLabel]
    spare: list[ToLabel]


@router.post("/labels/draw")
def draw(request: Request, place: Here, who: Caller, given: Annotated[Draw, Body()]) -> Response:
    """Posts at random within strata of their score: labels of these make the share surer.

    What is labelled already counts towards `wanted`, so a draw that was left goes on. A post that
    is passed over makes room for a `spare` one of its stratum.
    """
    who.check_role("analyst")
    who.check_brand(given.brand)
    sample = place.actions.draw(
        place.store,
        given.brand,
        timedelta(days=given.days),
        wanted=given.wanted,
        seed=random.randrange(1 << 31),
    )
    signer = _signer(request)
    return reply(
        Sample(
            since=sample.span.since,
            until=sample.span.until,
            labelled=sample.labelled,
            posts=[_signed(place, signer, given.brand, one) for one in sample.queue[:MOST_DRAWN]],
            spare=[_signed(place, signer, given.brand, one) for one in sample.spare[:MOST_SPARE]],
        )
    )


@router.post("/labels")
def drawn_label(
    request: Request, place: Here, who: Caller, given: Annotated[Drawn, Body()]
) -> Response:
    """Label a post that was drawn."""
    who.check_role("analyst")
    try:
        brand, post_id, published_at, stratum, chance = _signer(request).loads(given.draw)
    except (BadSignature, ValueError) as error:
        raise Refused(422, "draw is what came with the post; draw anew") from error
    who.check_brand(brand)
    write_share_labels(
        place.store,
        [
            ShareLabel(
                brand=brand,
                post_id=post_id,
                published_at=datetime.fromisoformat(published_at),
                label=given.label,
                stratum=stratum,
                probability=chance,
                at=request.app.state.rising(),  # of two about a post the later counts
                by=who.name,
            )
        ],
    )
    return reply({"detail": f"labelled {given.label}" if given.label else "taken back"})


@router.get("/brands/{brand:path}/labels")
def bought(
    brand: BrandName,
    place: Here,
    who: Caller,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Response:
    """How closely the share of a span is known, with the random labels of its brand and without."""
    who.check_brand(brand)
    begin, end = span_of(since, until, at=clock_of(place).at, length=WEEK)
    if not begin < end <= begin + LONGEST:
        raise Refused(422, f"until has to be after since, and {LONGEST.days} days at most")
    return reply(read_bought(place.store, Span(brand=brand, since=begin, until=end)))


def _signed(place: Place, signer: URLSafeSerializer, brand: str, one: Chosen) -> ToLabel:
    """Of a draw the chance counts: nobody may make one up."""
    known = [brand, words(one.post_id), one.published_at.isoformat(), one.stratum, one.probability]
    return to_label(place, brand, one, str(signer.dumps(known)))


def _signer(request: Request) -> URLSafeSerializer:
    return gate_of(request).signer("groundswell page draw")
