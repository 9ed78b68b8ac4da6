"""Canonical objects: every property of every public source set (None when unset), `key` and its alias both.

Here belongs what an object is made of, a function an object, and the keys. What a box says about its children
is derived (`workspace/counters.py`); how an object looks in an answer is for `http/shapes.py`, which takes
away and respells.
"""
