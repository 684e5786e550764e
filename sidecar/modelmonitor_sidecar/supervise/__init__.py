"""PID 1 of both containers: holds the listening sockets and keeps one worker alive.

Kubernetes takes a pod out of its Service as soon as a sidecar container is not running, so this
process never ends by itself: it imports the worker's module once, forks a worker a life, and forks
the next in milliseconds when one dies.  The listening sockets stay open meanwhile; connections
wait in their backlog and none is refused.

It refuses to know what the worker does.  One thread, no event loop, no third-party package of its
own: what it imports for the worker it never calls.
"""
