"""What a page says, read back from its HTML: headings, tables, links, and whatever could load something."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input"}


class Parsed(HTMLParser):
    """A page: ``tables`` by the heading above them, each rows of texts; ``sections`` as plain text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.sections: dict[str, str] = {"": ""}
        self.heading = ""
        self.tiles: dict[str, str] = {}
        self._tile = ""
        self.feed(html)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h2", "h3"):
            self.heading = ""
        if tag == "table":
            self.tables[self.heading] = []
        if tag == "tr":
            self.tables[self.heading].append([])
        if tag in ("td", "th"):
            self.tables[self.heading][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if {"style", "svg"} & {*self.open}:
            return
        if self.open and self.open[-1] in ("h2", "h3"):
            self.heading += data
        if {"td", "th"} & {*self.open}:
            row = self.tables[self.heading][-1]
            row[-1] = f"{row[-1]}{data}".replace("\n", " ")
        self.sections[self.heading] = self.sections.get(self.heading, "") + data
        if self.open and self.open[-1] == "dt":
            self._tile = data
        if self.open and self.open[-1] == "dd":
            self.tiles.setdefault(self._tile, data)

    def rows(self, heading: str) -> list[list[str]]:
        """The rows of the table below a heading, without the row of its columns' names."""
        return self.tables[heading][1:]
