"""A fit on a hub: which files leave the machine, and what they say."""
