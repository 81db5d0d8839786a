"""What the columns on the right of `~` hold, as a model takes it: text, words, images, sounds."""
