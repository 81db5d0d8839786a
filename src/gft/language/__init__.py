"""From words to a `Program`: pure functions that know no other room and import nothing heavy."""
