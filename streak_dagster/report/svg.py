"""An SVG of matplotlib's as a page can hold it: no document's head, nothing that points outside, no ids."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

_SVG = "{http://www.w3.org/2000/svg}"
_DROPPED = {f"{_SVG}{name}" for name in ("metadata", "defs", "style", "title")}
_KEPT_STYLE = ("text-anchor", "fill", "stroke", "stroke-width")
_SIZE = re.compile(r"\b(\d+(?:\.\d+)?)px")
_LONG = re.compile(r"(\d+\.\d{2})\d+")


def cleaned(drawn: str, label: str) -> str:
    """The ``<svg>`` element alone, as wide as its place, with its words for who can't see it.

    Letters take the page's font and colour. Raises xml.etree.ElementTree.ParseError for what is no XML.
    """
    root = ET.fromstring(drawn.partition("<svg")[1] + drawn.partition("<svg")[2])  # noqa: S314 - matplotlib's
    view = root.get("viewBox", "")
    _clean(root)
    root.attrib.clear()
    root.attrib.update({"viewBox": view, "role": "img", "aria-label": label})
    title = ET.Element("title")
    title.text = label
    root.insert(0, title)
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element) -> None:
    element.tag = element.tag.removeprefix(_SVG)
    element.text = element.text if element.tag == "text" else None
    element.tail = None
    is_text = element.tag == "text"
    for name, value in list(element.attrib.items()):
        if name == "style":
            element.attrib.update(_attributes(value, is_text=is_text))
            del element.attrib[name]
        elif name in ("d", "x", "y", "transform"):
            element.set(name, " ".join(_LONG.sub(r"\1", value).split()))
        else:
            del element.attrib[name]
    if is_text and element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for child in list(element):
        if child.tag in _DROPPED:
            element.remove(child)
        else:
            _clean(child)


def _attributes(style: str, *, is_text: bool) -> dict[str, str]:
    """A style as attributes, which need no permission; letters keep their size and where they begin."""
    pairs = (each.partition(":") for each in style.split(";"))
    found = {name.strip(): value.strip() for name, _, value in pairs}
    kept = {name: found[name] for name in _KEPT_STYLE if name in found and not (is_text and name == "fill")}
    size = _SIZE.search(found.get("font", "") + found.get("font-size", "")) if is_text else None
    return kept | ({"font-size": size[1]} if size else {})
