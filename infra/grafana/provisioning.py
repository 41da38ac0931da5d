"""What Grafana reads when it starts: data sources, dashboards, where alerts go, one example rule.

Grafana puts `$NAME` of its environment and `$__file{PATH}` in place, here but not in dashboards.
"""

from typing import Final

from infra.grafana.board import panel_id
from infra.grafana.look import Json
from infra.grafana.names import (
    CLICKHOUSE,
    CLICKHOUSE_UID,
    CONTACT,
    FOLDER,
    FOLDER_TITLE,
    PROMETHEUS,
    PROMETHEUS_UID,
)
from infra.grafana.panels import TABLE, load
from infra.grafana.pipeline_health import FLOW
from infra.grafana.pipeline_health import UID as PIPELINE

DASHBOARDS: Final = "/var/lib/grafana/dashboards/groundswell"
"""Where the dashboards lie in Grafana's container."""
PASSWORD: Final = "/run/secrets/grafana_clickhouse_password"
WEBHOOK: Final = "/run/secrets/grafana_alert_webhook"
ALERTS_FOLDER: Final = f"{FOLDER_TITLE} alerts"
"""Its own: Grafana finds this one by its title, and that of the dashboards by its uid."""
EXPRESSION: Final = "__expr__"


def data_sources() -> Json:
    """ClickHouse as a user who can only read, and Prometheus."""
    return {
        "apiVersion": 1,
        "datasources": [
            {
                "access": "proxy",
                "editable": False,
                "isDefault": True,
                "jsonData": {
                    "defaultDatabase": "$GRAFANA_CLICKHOUSE_DATABASE",
                    "dialTimeout": 10,
                    "host": "$GRAFANA_CLICKHOUSE_HOST",
                    "port": "$GRAFANA_CLICKHOUSE_PORT",
                    "protocol": "native",
                    "queryTimeout": 30,
                    "secure": "$GRAFANA_CLICKHOUSE_SECURE",
                    "username": "$GRAFANA_CLICKHOUSE_USER",
                },
                "name": "Groundswell ClickHouse",
                "secureJsonData": {"password": f"$__file{{{PASSWORD}}}"},
                "type": CLICKHOUSE,
                "uid": CLICKHOUSE_UID,
            },
            {
                "access": "proxy",
                "editable": False,
                "isDefault": False,
                "jsonData": {"httpMethod": "POST", "timeInterval": "15s"},
                "name": "Groundswell Prometheus",
                "type": PROMETHEUS,
                "uid": PROMETHEUS_UID,
                "url": "$GRAFANA_PROMETHEUS_URL",
            },
        ],
    }


def dashboards() -> Json:
    """One folder, looked at again every half minute; changed in code and not on the screen."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "allowUiUpdates": False,
                "disableDeletion": True,
                "folder": FOLDER_TITLE,
                "folderUid": FOLDER,
                "name": "groundswell",
                "options": {"foldersFromFilesStructure": False, "path": DASHBOARDS},
                "orgId": 1,
                "type": "file",
                "updateIntervalSeconds": 30,
            }
        ],
    }


def contact_points() -> Json:
    """A webhook of the operators. No policies: a file of those would replace all there are."""
    return {
        "apiVersion": 1,
        "contactPoints": [
            {
                "name": CONTACT,
                "orgId": 1,
                "receivers": [
                    {
                        "disableResolveMessage": False,
                        "settings": {"httpMethod": "POST", "url": f"$__file{{{WEBHOOK}}}"},
                        "type": "webhook",
                        "uid": CONTACT,
                    }
                ],
            }
        ],
    }


def rules() -> Json:
    """An example that a rule of your own can be made from; incidents are found by `watch`."""
    return {
        "apiVersion": 1,
        "groups": [
            {
                "folder": ALERTS_FOLDER,
                "interval": "1m",
                "name": "groundswell",
                "orgId": 1,
                "rules": [_nothing_stored()],
            }
        ],
    }


def _nothing_stored() -> Json:
    threshold = {
        "conditions": [
            {
                "evaluator": {"params": [1], "type": "lt"},
                "operator": {"type": "and"},
                "query": {"params": ["B"]},
                "reducer": {"params": [], "type": "last"},
                "type": "query",
            }
        ],
        "datasource": {"type": EXPRESSION, "uid": EXPRESSION},
        "expression": "A",
        "refId": "B",
        "type": "threshold",
    }
    query = {
        "datasource": {"type": CLICKHOUSE, "uid": CLICKHOUSE_UID},
        "editorType": "sql",
        "format": TABLE,
        "queryType": "table",
        "rawSql": load("alerts/nothing_stored"),
        "refId": "A",
    }
    return {
        "annotations": {
            "description": "For a quarter of an hour no post was stored. Pipeline health shows "
            "which feed or stage it is.",
            "summary": "Groundswell stores nothing",
        },
        "condition": "B",
        "dashboardUid": PIPELINE,
        "data": [
            {
                "datasourceUid": CLICKHOUSE_UID,
                "model": query,
                "refId": "A",
                "relativeTimeRange": {"from": 900, "to": 0},
            },
            {
                "datasourceUid": EXPRESSION,
                "model": threshold,
                "refId": "B",
                "relativeTimeRange": {"from": 900, "to": 0},
            },
        ],
        "execErrState": "Error",
        "for": "5m",
        "isPaused": False,
        "labels": {"severity": "critical", "source": "groundswell"},
        "panelId": panel_id(PIPELINE, FLOW),
        "noDataState": "Alerting",
        "notification_settings": {"receiver": CONTACT},
        "title": "Groundswell stores nothing",
        "uid": "groundswell-nothing-stored",
    }
