"""Files of the copy: what they say, and how they come to their place."""
