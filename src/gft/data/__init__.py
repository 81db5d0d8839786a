"""Data as rows and columns, whoever supplied them: splits, checks, fingerprints, reading files."""
