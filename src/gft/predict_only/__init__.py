"""Tasks that are applied and never fitted: a file each, or a few that are alike."""
