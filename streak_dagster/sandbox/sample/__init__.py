"""The hand-made team: five people, four pipelines, some forty boxes with everything that hangs on them.

Here belong the stories, in the words of `telling.py`, and what turns them into objects. Properties that all
objects have are given to them in `objects/`; volume is what `generated/` is for.
"""
