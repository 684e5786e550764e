"""Payloads become rows: one file per protocol behind one registry; pure."""
