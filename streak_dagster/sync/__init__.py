"""What to ask Streak for and what to keep: plan, walk, spool. Knows ``api`` and ``tables``."""
