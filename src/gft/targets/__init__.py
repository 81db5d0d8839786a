"""The kinds of target that a task can have: one class, several, numbers, tags, texts, and more."""
