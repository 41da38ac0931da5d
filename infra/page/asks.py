"""What every route takes: who asks, and from where it reads. Refused unless somebody is let in."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from infra.page.gate import Gate
from infra.page.place import Place
from infra.page.refused import Refused
from infra.page.who import Who


def place_of(request: Request) -> Place:
    """Where the page reads."""
    place: Place = request.app.state.place
    return place


def gate_of(request: Request) -> Gate:
    """Who is let in."""
    gate: Gate = request.app.state.gate
    return gate


async def who_asks(request: Request) -> Who:
    """Who asks; what they write has to come from the page itself."""
    gate = gate_of(request)
    who = gate.who(request)
    if who is None:
        raise Refused(401, "log in first")
    gate.check_write(request, who)
    return who


Here = Annotated[Place, Depends(place_of)]
Caller = Annotated[Who, Depends(who_asks)]
BrandName = Annotated[str, Path(min_length=1, max_length=256)]
IncidentId = Annotated[str, Path(min_length=1, max_length=64)]
Text = Annotated[str, Query(max_length=256)]
