"""The loop: what is seen is planned, carried out, reported, and looked at again."""
