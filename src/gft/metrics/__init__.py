"""What a score is: per-row statistics, a reduction over them, and intervals."""
