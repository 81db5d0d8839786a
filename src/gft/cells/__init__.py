"""What the cells of an equation's columns may be: decided once, looked at in every split."""
