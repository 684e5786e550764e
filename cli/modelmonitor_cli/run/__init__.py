"""`modelmonitor run`: the sidecar pair on one machine, in front of any model server.

It writes what the operator would write, starts what the kubelet would start, and ends both.
"""
