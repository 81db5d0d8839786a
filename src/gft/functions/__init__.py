"""The functions of the language, each importable: what the commands are thin wrappers over."""
