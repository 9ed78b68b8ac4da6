"""What the declarations of the tables promise."""
