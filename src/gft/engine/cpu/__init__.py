"""What makes a CPU fast; all of it can be switched off at once."""
