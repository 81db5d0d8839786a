"""What an equation means: one file per task, one protocol for all."""
