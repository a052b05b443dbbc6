"""Memory: the only SQL, one function for each question, the same statement for both databases."""
