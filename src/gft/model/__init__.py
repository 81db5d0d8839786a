"""Any model with its task, ready to predict."""
