"""Dashboards, data sources and an example alert for Grafana, as code."""
