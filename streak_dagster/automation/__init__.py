"""What runs, and how: the jobs."""
