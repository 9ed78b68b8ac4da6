"""The paths of Streak's API, a module a family of objects; `table.py` has all of them.

A route gets a `Call` and the keys of its path, and returns a JSON value. Here belongs what one path does;
what several share (pages, parameters, shapes of objects) belongs a room higher.
"""
