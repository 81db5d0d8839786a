"""What a fit is worth, computed."""
