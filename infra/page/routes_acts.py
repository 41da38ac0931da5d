"""Routes of what people do: each leaves a row in the audit."""

from datetime import UTC, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from infra.audit import audit_row, write_audit
from infra.corrections import withdraw_corrections
from infra.deliver import people
from infra.page.actions import Doer
from infra.page.asks import Caller, Here, IncidentId
from infra.page.incident import head_of
from infra.page.place import Place
from infra.page.posts import same_posts
from infra.page.refused import Refused
from infra.page.replies import reply
from infra.page.routes_posts import Label
from infra.page.who import Who

router = APIRouter()
Note = Annotated[str, Field(max_length=2_000)]
PostId = Annotated[str, Path(min_length=1, max_length=1_024)]
BrandField = Annotated[str, Field(min_length=1, max_length=256)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Noted(_Given):
    """Why, for whoever reads it later."""

    note: Note = ""


class Verdict(Noted):
    """What it was; withdrawn: take back what was said."""

    word: Literal["crisis", "not-a-crisis", "withdrawn"]


class Silenced(_Given):
    """For how long nothing is sent, and why."""

    hours: Annotated[float, Field(gt=0, le=24 * 31, allow_inf_nan=False)] = 2.0
    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class Labelled(Noted):
    """What a post is; `cluster`: with all that say nearly the same."""

    brand: BrandField
    label: Label
    cluster: bool = True


class Resent(_Given):
    """Which notice goes to whom again."""

    receiver: Annotated[str, Field(min_length=1, max_length=256)]
    notice_id: Annotated[str, Field(min_length=1, max_length=256)]


@router.post("/incidents/{incident_id}/acknowledge")
def acknowledge(
    incident_id: IncidentId, place: Here, who: Caller, given: Annotated[Noted, Body()]
) -> Response:
    """Somebody has seen it: no repeats, no escalation."""
    _check_incident(place, who, incident_id)
    return _told(place.actions.acknowledge(place.store, incident_id, _doer(place, who, given.note)))


@router.delete("/incidents/{incident_id}/acknowledge")
def withdraw(incident_id: IncidentId, place: Here, who: Caller) -> Response:
    """Nobody has seen it after all."""
    _check_incident(place, who, incident_id)
    return _told(place.actions.withdraw(place.store, incident_id, _doer(place, who)))


@router.post("/incidents/{incident_id}/verdict")
def verdict(
    incident_id: IncidentId, place: Here, who: Caller, given: Annotated[Verdict, Body()]
) -> Response:
    """Say what it was: the brand's detector learns from it."""
    _check_incident(place, who, incident_id)
    doer = _doer(place, who, given.note)
    return _told(place.actions.verdict(place.store, incident_id, given.word, doer))


@router.post("/incidents/{incident_id}/silence")
def silence(
    incident_id: IncidentId, place: Here, who: Caller, given: Annotated[Silenced, Body()]
) -> Response:
    """Nothing is sent of it for a time."""
    _check_incident(place, who, incident_id)
    doer = _doer(place, who, given.reason)
    length = timedelta(hours=given.hours)
    return _told(place.actions.silence(place.store, incident_id, length, doer))


@router.delete("/incidents/{incident_id}/silence/{silence_id}")
def end_silence(
    incident_id: IncidentId,
    silence_id: Annotated[str, Path(max_length=64)],
    place: Here,
    who: Caller,
) -> Response:
    """What was silenced is told again."""
    _check_incident(place, who, incident_id)
    silences = (one for one in people.silences(place.store) if one.silence_id == silence_id)
    found = next(silences, None)
    if found is None or incident_id not in found.match.incidents:
        raise Refused(404, f"no silence {silence_id} of that incident")
    return _told(place.actions.end_silence(place.store, silence_id, _doer(place, who)))


@router.post("/posts/{post_id:path}/label")
def label(
    post_id: PostId, place: Here, who: Caller, given: Annotated[Labelled, Body()]
) -> Response:
    """Correct what a post is; it counts at once, and the next model learns from it."""
    who.check_role("analyst")
    who.check_brand(given.brand)
    posts = same_posts(place.store, given.brand, post_id)
    chosen = posts if given.cluster else posts[:1]
    doer = _doer(place, who, given.note)
    count = place.actions.label(place.store, chosen, given.label, doer)
    detail = {"post": post_id, "brand": given.brand, "label": given.label, "posts": count}
    write_audit(place.store, audit_row(f"label {post_id}", doer.at, doer.by, detail))
    return reply({"detail": f"{count} labelled {given.label}", "posts": count})


@router.delete("/posts/{post_id:path}/label")
def unlabel(
    post_id: PostId,
    place: Here,
    who: Caller,
    brand: Annotated[str, Query(min_length=1, max_length=256)],
    cluster: bool = True,
) -> Response:
    """Take back what people said of a post: what the model says counts again."""
    who.check_role("analyst")
    who.check_brand(brand)
    posts = same_posts(place.store, brand, post_id)
    chosen = posts if cluster else posts[:1]
    doer = _doer(place, who)
    count = withdraw_corrections(place.store, chosen, by=doer.by, at=doer.at)
    if not count:
        raise Refused(404, f"nobody has labelled {post_id}")
    detail = {"post": post_id, "brand": brand, "posts": count}
    write_audit(place.store, audit_row(f"label withdrawn {post_id}", doer.at, doer.by, detail))
    return reply({"detail": f"{count} are what the model says again", "posts": count})


@router.post("/deliveries/resend")
def resend(place: Here, who: Caller, given: Annotated[Resent, Body()]) -> Response:
    """Send a notice once more."""
    who.check_role("admin")
    who.check_all()
    doer = _doer(place, who)
    return _told(place.actions.resend(place.store, given.receiver, given.notice_id, doer))


def _check_incident(place: Place, who: Who, incident_id: str) -> None:
    """Refused for who only reads, and for what may not be seen."""
    who.check_role("analyst")
    head_of(place.store, incident_id, who)


def _doer(place: Place, who: Who, note: str = "") -> Doer:
    return Doer(by=who.name, note=note, at=place.now().astimezone(UTC))


def _told(sentence: str) -> Response:
    told: dict[str, Any] = {"detail": sentence}
    return reply(told)
