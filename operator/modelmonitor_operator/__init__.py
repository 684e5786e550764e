"""Renders, reconciles and injects; the cluster is its only concern, payloads are none of it."""
