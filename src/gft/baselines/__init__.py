"""What a model is measured against: predictions that cost nothing, or seconds."""
