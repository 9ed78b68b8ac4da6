"""A made-up team of any size, computed when asked for.

Here belongs what makes objects out of a seed and a number; nothing is stored, so a size costs nothing. The
same seed has to give the same bytes on every machine. What is told by hand belongs in `sample/`.
"""
