"""Frames come in, are decoded and counted into rolling windows."""
