"""A hub on loopback that the real clients talk to, and tiny models and data sets to fill it."""
