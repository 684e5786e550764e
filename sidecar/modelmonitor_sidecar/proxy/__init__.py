"""Entry point, listener and relay: moves bytes at once and unchanged, whatever else fails."""
