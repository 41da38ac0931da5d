"""The document of the API is true: whatever it allows is answered as it says, with what it says."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from forecasting.records import IncidentEvent
from infra.incidents import write_events
from infra.page.app import API
from infra.store import Store

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = {"/api/v1/events"}
LOCKING = {"/api/v1/login", "/api/v1/logout"}
KNOWN = {
    "brand": st.sampled_from(["Acme", "Northwind"]),
    "incident_id": st.just("inc_1"),
    "post_id": st.sampled_from(["x:Acme/0", "x:Acme/1"]),
}
"""What is there, so that not every answer is that it is not."""


@pytest.fixture
def operations(
    serve: Callable[..., Any],
    store: Store,
    write: Callable[..., None],
    make_event: Callable[..., IncidentEvent],
) -> tuple[list[Any], dict[str, str]]:
    """All of the document, and the headers of a browser that is let in."""
    write(0.9, 0.1, 0.9)
    event = make_event("inc_1")
    write_events(store, [event], event.change.at)
    client = serve().entered()
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {**client.headers, "cookie": cookies}
    found = schemathesis.openapi.from_url(f"{client.base_url}{API}/openapi.json")
    return [one.ok() for one in found.get_all_operations()], headers


def cases(operation: Any) -> st.SearchStrategy[Any]:
    """Requests of an operation, half of them about what is there."""

    def about(case: Any) -> st.SearchStrategy[Any]:
        names = KNOWN.keys() & case.path_parameters.keys()
        known = st.fixed_dictionaries({name: KNOWN[name] for name in names})

        def named(some: dict[str, str]) -> Any:
            case.path_parameters.update(some)
            if "brand" in (case.query or {}):
                case.query["brand"] = "Acme"
            return case

        return (known | st.just({})).map(named)

    return operation.as_strategy().flatmap(about)


# No shrinking: what fails is told as it was drawn, at once.
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_whatever_is_asked_is_answered_as_the_document_says(
    operations: tuple[list[Any], dict[str, str]], data: st.DataObject
) -> None:
    some, headers = operations
    asked = [one for one in some if one.path not in ENDLESS | LOCKING]
    case = data.draw(st.sampled_from(asked).flatmap(cases))
    case.call_and_validate(headers=headers, checks=CHECKS)


def test_every_answer_of_json_is_described(operations: tuple[list[Any], dict[str, str]]) -> None:
    for one in operations[0]:
        told = one.definition.raw["responses"]["200"]["content"]
        assert told.get("application/json", {"schema": 1}).get("schema"), one.label
