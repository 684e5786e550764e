"""The `modelmonitor` command: one file per command; may import the pure rooms of both sides."""
