"""Baselines on the command line: built from tables out of core, shown, merged, packed."""
