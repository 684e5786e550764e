"""The webhook that injects where an API server has no admission policies: a process of its own."""
