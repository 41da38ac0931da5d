"""Names that Grafana's files refer to each other by: they never change once released."""

from typing import Final

FOLDER: Final = "groundswell"
FOLDER_TITLE: Final = "Groundswell"
TAG: Final = "groundswell"
"""Of every dashboard; also of the annotations that `deliver` makes, unless settings say else."""
CLICKHOUSE: Final = "grafana-clickhouse-datasource"
CLICKHOUSE_UID: Final = "groundswell-clickhouse"
PROMETHEUS: Final = "prometheus"
PROMETHEUS_UID: Final = "groundswell-prometheus"
CONTACT: Final = "groundswell-operators"

DATABASE: Final = {"type": CLICKHOUSE, "uid": "${datasource}"}
METRICS: Final = {"type": PROMETHEUS, "uid": "${prometheus}"}
