"""Failures on purpose: what a test needs in order to see retries, resumed work and clear errors.

Here belongs everything that makes a call fail, or changes the data between two calls: the kinds of failures,
when they strike, and how they are spelled in JSON and on the command line. What Streak itself refuses belongs
in `http/`. Nothing here knows the server; it sees a struck call and returns an answer.

sandbox.faults.add("/comments$", kind="truncated_json", probability=0.05, seed=1)
sandbox.faults.when("/boxes$", skip=2, do=lambda workspace: workspace.delete_box(key))
"""
