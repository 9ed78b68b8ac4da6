"""What tests share. A test's file says what must hold; how things are started and read stands here.

`sandboxes` starts Streak, `loading` copies it in this process, `runs` by the README's commands, `dagster_dev`
starts Dagster's UI and daemon, `browser` a window on it, `workers` are processes of the tests' own, and
`waiting` is the one way to wait. `truth` says what a copy must hold. Fixtures stand in conftests.
"""
