"""What an equation means: one file per task, one base class for all."""
