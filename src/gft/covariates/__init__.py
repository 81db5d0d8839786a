"""Numbers and categories beside the text: what train teaches about them, and their effects."""
