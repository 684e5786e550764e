"""Objects made from values, one kind a file; pure.  Nothing here talks to a cluster."""
