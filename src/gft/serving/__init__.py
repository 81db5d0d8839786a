"""Models that answer requests over HTTP."""
