"""The data of one team, and the edits that a test may make.

Here belongs what is true of the data whoever asks: objects, counters, edits, the workspace's clock. How an
object looks in an answer, and who may ask for it, belongs in `http/`; where the objects come from, in
`sample/` and `generated/`. `Workspace` is the only class that the outside uses; it holds no logic of its own
that two of its parts need. All parts share one `WorkspaceState`.
"""
