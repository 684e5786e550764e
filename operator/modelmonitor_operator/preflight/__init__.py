"""What has to be right before pods get sidecars: an ordered chain of pure checks."""
