"""The files that Grafana reads, from code: the same code gives the same bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import yaml

from infra.grafana import provisioning
from infra.grafana.brand_watch import brand_watch
from infra.grafana.forecast_accuracy import forecast_accuracy
from infra.grafana.incidents import incidents
from infra.grafana.look import Json
from infra.grafana.model_quality import model_quality
from infra.grafana.pipeline_health import pipeline_health

DASHBOARDS: Final[dict[str, Callable[[], Json]]] = {
    "brand-watch": brand_watch,
    "incidents": incidents,
    "pipeline-health": pipeline_health,
    "model-quality": model_quality,
    "forecast-accuracy": forecast_accuracy,
}
"""By the name of its file, in the order people need them."""
PROVISIONING: Final[dict[str, Callable[[], Json]]] = {
    "datasources/groundswell.yaml": provisioning.data_sources,
    "dashboards/groundswell.yaml": provisioning.dashboards,
    "alerting/contact-points.yaml": provisioning.contact_points,
    "alerting/rules.yaml": provisioning.rules,
}
HEAD: Final = "# Made by `groundswell dashboards build`: change infra/grafana instead.\n"


def dashboards() -> dict[str, Json]:
    """Every dashboard, by the name of its file."""
    return {name: made() for name, made in DASHBOARDS.items()}


def files() -> dict[str, str]:
    """Path below the folder -> text."""
    found = {f"dashboards/{name}.json": as_json(made) for name, made in dashboards().items()}
    for path, made in PROVISIONING.items():
        found[f"provisioning/{path}"] = HEAD + as_yaml(made())
    return found


def as_json(made: Json) -> str:
    """Sorted, so that a change in code is the same change in the file."""
    return json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def as_yaml(made: Json) -> str:
    """Likewise; texts of several lines as people write them."""
    return str(yaml.dump(made, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=100))


def write(folder: Path) -> list[Path]:
    """Write every file that is not there as it should be; return those. Raises OSError."""
    written = []
    for name, text in files().items():
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


class _Dumper(yaml.SafeDumper):
    """Nothing is written as a reference to what stands above."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
