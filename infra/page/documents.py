"""The OpenAPI document: what FastAPI finds by itself, and what each answer holds.

Answers are records that msgspec writes (replies.py), which FastAPI knows nothing of.
"""

from datetime import datetime
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from msgspec import Struct

from infra.deliver.delivery_log import Decision
from infra.page.health import Health
from infra.page.incident import Story
from infra.page.incident_list import Head
from infra.page.labelling import Bought
from infra.page.overview_records import Overview
from infra.page.posts import Page
from infra.page.routes_labels import Sample
from infra.page.routes_session import Me
from infra.page.routes_view import SeriesReply
from infra.page.selection import Selection


class Done(Struct, frozen=True):
    """What was done, in words."""

    detail: str


class LabelsTold(Struct, frozen=True):
    """What was done, and of how many posts."""

    detail: str
    posts: int


class Incidents(Struct, frozen=True):
    """Incidents, newest first."""

    at: datetime
    incidents: list[Head]


class Deliveries(Struct, frozen=True):
    """Who was told what, newest first."""

    deliveries: list[Decision]


class Past(Struct, frozen=True):
    """A brand's past by other rules, as `groundswell backtest` tells it."""

    title: str
    in_use: str  # the sensitivity the brand is watched with
    test: dict[str, Any]
    judged: dict[str, Any]


ANSWERS: Final[dict[tuple[str, str], type]] = {
    ("post", "/login"): Me,
    ("post", "/logout"): Done,
    ("get", "/me"): Me,
    ("get", "/overview"): Overview,
    ("get", "/brands/{brand}/series"): SeriesReply,
    ("get", "/brands/{brand}/selection"): Selection,
    ("get", "/brands/{brand}/posts"): Page,
    ("get", "/brands/{brand}/labels"): Bought,
    ("get", "/incidents"): Incidents,
    ("get", "/incidents/{incident_id}"): Story,
    ("post", "/incidents/{incident_id}/acknowledge"): Done,
    ("delete", "/incidents/{incident_id}/acknowledge"): Done,
    ("post", "/incidents/{incident_id}/verdict"): Done,
    ("post", "/incidents/{incident_id}/silence"): Done,
    ("delete", "/incidents/{incident_id}/silence/{silence_id}"): Done,
    ("post", "/posts/{post_id}/label"): LabelsTold,
    ("delete", "/posts/{post_id}/label"): LabelsTold,
    ("post", "/deliveries/resend"): Done,
    ("post", "/labels/draw"): Sample,
    ("post", "/labels"): Done,
    ("get", "/deliveries"): Deliveries,
    ("get", "/health"): Health,
    ("get", "/backtest"): Past,
}
"""Of operations under the API's address; what is not here answers with no JSON of ours."""


def document(app: FastAPI, prefix: str) -> dict[str, Any]:
    """The document with the answers in it, for `app.openapi`."""
    if app.openapi_schema is None:
        found = FastAPI.openapi(app)
        schemas, components = msgspec.json.schema_components(
            ANSWERS.values(), ref_template="#/components/schemas/{name}"
        )
        given = found["components"]["schemas"]
        if twice := given.keys() & components.keys():
            raise ValueError(f"two records are called {', '.join(sorted(twice))}")
        given |= components
        for (method, path), schema in zip(ANSWERS, schemas, strict=True):
            operation = found["paths"][prefix + path][method]
            operation["responses"]["200"]["content"] = {"application/json": {"schema": schema}}
    assert app.openapi_schema is not None
    return app.openapi_schema
