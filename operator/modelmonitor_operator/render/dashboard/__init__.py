"""Grafana dashboards as plain dictionaries: one file a row of panels, one a dashboard; pure."""
