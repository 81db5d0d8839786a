"""Where models, data and metrics come from: one file per supplier, one protocol for all."""
