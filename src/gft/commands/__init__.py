"""The commands: one file each, a thin wrapper over one function."""
