"""The data of one team, and the edits that a test may make.

Here belongs what is true of the data whoever asks: objects, counters, edits, the workspace's clock. How an
object looks in an answer, and who may ask for it, belongs in `http/`; where the objects come from, in
`sample/` and `generated/`. The outside works with `Workspace`; its reading and editing parts share one
`WorkspaceState` and don't inherit from each other.
"""
