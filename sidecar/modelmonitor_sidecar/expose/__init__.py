"""Metrics, status page and API of the collector."""
