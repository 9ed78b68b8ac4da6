"""Streak over HTTP: the server, the routes, and everything about how calls are let in and answered.

Here belongs what a client can see of Streak: paths, parameters, pages, shapes of objects, refusals, the limit
of calls, and the sandbox's own paths (`control.py`). What the data is belongs in `workspace/`, failures on
purpose in `faults/`.
"""
