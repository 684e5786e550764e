"""From a monitor and the world to objects and status.  Pure: it asks nobody and writes nothing."""
