"""The judgement as Prometheus rules, one family a file; `groups` lists them all in order."""
