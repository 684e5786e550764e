"""Puts the sidecar pair into a pod: raw dictionaries in and out, nothing else (pure)."""
