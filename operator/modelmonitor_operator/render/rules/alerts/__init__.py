"""What somebody is told of, by whom it concerns; texts in `annotations`."""
