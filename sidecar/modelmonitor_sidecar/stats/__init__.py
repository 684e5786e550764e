"""Counts become distances and verdicts, one file per idea; pure.  `ModelStatistics` is the door."""
