"""`modelmonitor compare`: tables looked at side by side, once."""
