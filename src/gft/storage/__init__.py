"""What a disk is asked for: writes that last, proof that files are whole, one writer at a time."""
