"""The sidecar pair: a proxy that measures traffic and a collector that keeps statistics of it.

It knows nothing of Kubernetes: its inputs are files, sockets and flags.
"""
