"""`modelmonitor inject`: the sidecars put into manifests, as a cluster puts them into pods."""
