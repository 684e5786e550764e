"""Watches a copy of the traffic, counts it and ships frames; drops and counts, never waits."""
