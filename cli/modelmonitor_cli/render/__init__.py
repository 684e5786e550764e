"""`modelmonitor render`: the objects that the operator would make, as files."""
