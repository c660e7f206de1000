"""Read REFI-QDA projects (.qdpx) and codebooks (.qdc) from NVivo, ATLAS.ti, MAXQDA and others."""

import re
import zipfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from helpers.interviews.coded import SOURCE_ENDING, Coded, Span, attach_names, choose_case, name_apart, name_codes, pivot_cases
from helpers.interviews.taguette import split_tag
from helpers.study.errors import WorkbookError
from helpers.study.files import decode_text, open_archive, parse_xml, read_entry, read_whole

# REFI-QDA Standard 1.5, www.qdasoftware.org. Where vendors differ from it, a comment says so.
MARK, NEWLINE, LAST_NARROW = "\ufeff", "\r\n", "\uffff"
# The right dialect fits 99 of 100 selections (people sometimes cut a word); a wrong one fits about 16 of 100.
LEAST_FIT = 0.8
# Where the text of a source is: in the source itself, in a PDF's Representation, or in a recording's Transcript.
TEXT_HOLDERS = {"TextSource", "Representation", "Transcript"}
TEXT_SELECTIONS = {"PlainTextSelection", "TranscriptSelection"}


@dataclass(frozen=True)
class Selection:
    """A part of a text that is coded or belongs to a case; without positions and `text`, a whole source, picture or recording.

    `text` is the key of the text that the positions refer to; `codings` are guids of codes and of their coders.
    """

    guid: str
    source: str
    source_guid: str
    text: str | None
    start: int
    end: int
    codings: list[tuple[str, str]]
    place: str


@dataclass(frozen=True)
class Ruler:
    """A text and the position at which each of its characters begins, including the end of the text."""

    text: str
    starts: np.ndarray

    def locate(self, selection: Selection) -> tuple[int, int] | None:
        """The selection's first character and the one after its last; None if no character begins there."""
        wanted = [selection.start, selection.end]
        places = np.searchsorted(self.starts, wanted)
        if places.max() >= len(self.starts) or list(self.starts[places]) != wanted or places[0] >= places[1]:
            return None
        return int(places[0]), int(places[1])

    def read(self, selection: Selection) -> str | None:
        located = self.locate(selection)
        return located and self.text[slice(*located)].strip()

    def fits(self, selection: Selection) -> bool:
        """Does the selection begin and end between words?"""
        located = self.locate(selection)
        return located is not None and not any(
            0 < place < len(self.text) and self.text[place - 1].isalnum() and self.text[place].isalnum() for place in located
        )


def read_project(path: Path, content: bytes) -> Coded:
    """Read a REFI-QDA project (`.qdpx`); text is cut out of the sources by position."""
    with open_archive(path, content) as archive:
        # A Mac that repacks a project adds hidden copies such as __MACOSX/._project.qde.
        names = [name for name in archive.namelist() if re.search(r"(?i)(^|/)[^./][^/]*\.qde$", name)]
        if len(names) != 1:
            found, expected = f"{len(names)} entries that end in .qde", "one project in the archive"
            raise WorkbookError(path, "", found, expected, "export it again")
        tree = parse_xml(path, read_entry(path, archive, names[0]), names[0])
        selections, texts = _list_selections(tree, archive, path)
    cases = tree.findall(".//{*}Cases/{*}Case")
    named = [case for case in cases if case.get("name")]
    # NVivo codes what a person said with a code that has the id or name of the case; a case may name other codes too.
    called = {_guid_of(code): code.get("name", "") for code in tree.findall(".//{*}Codes//{*}Code")}
    case_codes = {
        code: case.get("name") for case in named for code in [_guid_of(case), *_list_targets(case, "CodeRef")]
        if code == _guid_of(case) or called.get(code, "").strip().casefold() == case.get("name").strip().casefold()
    }  # fmt: skip
    codes = name_codes({guid: steps for guid, steps in _trace_codes(tree, path).items() if guid not in case_codes})
    spans = _collect_spans(named, case_codes, selections)
    members = {selection: case.get("name") for case in cases for selection in _list_targets(case, "SelectionRef")}
    users = {_guid_of(user): user.get("name", "") for user in tree.findall(".//{*}User")}
    origin = f"REFI-QDA project written by {tree.get('origin', 'a tool that it does not name')}"

    coded = [selection for selection in selections if any(code not in case_codes for code, _ in selection.codings)]
    rulers, fit = _choose_dialect([selection for selection in coded if selection.text], texts, path)
    rows = []
    for selection in coded:
        within = choose_case(spans.get(selection.source_guid, []), selection.start, selection.end)
        where = f"{selection.start}-{selection.end}" if selection.text else selection.guid
        row = {
            "segment": f"{selection.source}:{where}", "participant": members.get(selection.guid) or within,
            "source": selection.source, "place": selection.place,
            "text": _cut_text(selection, rulers[selection.text], path) if selection.text else None,
        }  # fmt: skip
        given = [(code, coder) for code, coder in selection.codings if code not in case_codes]
        rows += [row | {"code": code, "coder": users.get(coder)} for code, coder in given]
    # Two selections of the same words may have the same code from the same coder: this is one row.
    table = attach_names(rows, codes, path)
    table = table.drop_duplicates(["segment", "coder", "code"], ignore_index=True)
    return Coded(origin + fit, table, codes, _list_cases(cases, tree))


def read_qdc(path: Path, content: bytes) -> pd.DataFrame:
    """Read a codebook in REFI-QDA's exchange format: `code, label, theme`; the index is the place."""
    tree = parse_xml(path, content, "")
    if _kind_of(tree) != "CodeBook":
        raise WorkbookError(path, "", f"an XML file of {_kind_of(tree)!r}", "a codebook", "export the codebook (.qdc)")
    codes = _trace_codes(tree, path)
    if not codes:
        raise WorkbookError(path, "", "no codes", "at least one", "export the codebook again")
    return name_codes(codes).set_axis([f"code {number}" for number in range(1, len(codes) + 1)])


def _trace_codes(tree: Element, path: Path) -> dict[str, tuple[str, ...]]:
    """The codes that a segment can have, by guid, each with its names from the outermost down."""
    above = {child: parent for parent in tree.iter() for child in parent}
    flat = tree.get("origin", "").startswith("Taguette")
    steps: dict[str, tuple[str, ...]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for element in tree.findall(".//{*}Codes//{*}Code"):
        name, guid = element.get("name", "").strip(), _guid_of(element)
        if not name or not guid or guid in steps:
            wrong, expected = "no name, no id, or an id that another code has", "a name and a unique id"
            raise WorkbookError(path, f"code {name or len(found) + 1}", wrong, expected, "export it again")
        steps[guid] = (*steps.get(_guid_of(above[element]), ()), *(split_tag(name) if flat else (name,)))
        if element.get("isCodable", "true") != "false":
            found[guid] = steps[guid]
    return found


def _list_selections(tree: Element, archive: zipfile.ZipFile, path: Path) -> tuple[list[Selection], dict[str, str]]:
    """Every selection that is coded or belongs to a case, and the texts that their positions refer to."""
    stored = {name.casefold(): name for name in archive.namelist()}
    referenced = {_guid_of(reference, "targetGUID") for reference in tree.findall(".//{*}SelectionRef")}
    selections: list[Selection] = []
    texts: dict[str, str] = {}
    sources = tree.findall(".//{*}Sources/*")
    names = name_apart(re.sub(SOURCE_ENDING, "", source.get("name") or _guid_of(source)) for source in sources)
    for source, name in zip(sources, names, strict=True):
        holders = [element for element in source.iter() if element is source or _kind_of(element) in TEXT_HOLDERS]
        for number, holder in enumerate(holders):
            key = f"{_guid_of(source)}/{number}"
            for element in [holder, *(child for child in holder if _kind_of(child).endswith("Selection"))]:
                codings = _list_codings(element)
                if not codings and _guid_of(element) not in referenced:
                    continue
                guid = _guid_of(element) or f"number {len(selections) + 1}"
                place = f"source {name}, selection {guid}"
                text, start, end = None, 0, 0
                if _kind_of(element) in TEXT_SELECTIONS:
                    text, (start, end) = key, _read_positions(element, holder, path, place)
                    if key not in texts:
                        texts[key] = _read_source(holder, archive, stored, path, name)
                selections.append(Selection(guid, name, _guid_of(source), text, start, end, codings, place))
    return selections, texts


def _list_codings(element: Element) -> list[tuple[str, str]]:
    """The codes of a selection and their coders, as guids."""
    return [
        (code, _guid_of(coding, "creatingUser") or _guid_of(element, "creatingUser"))
        for coding in element.findall("{*}Coding")
        for code in _list_targets(coding, "CodeRef")
    ]


def _read_positions(element: Element, holder: Element, path: Path, place: str) -> list[int]:
    """Where a selection begins and ends; selections in a transcript point to marks that hold the positions."""
    positions = [element.get("startPosition"), element.get("endPosition")]
    if _kind_of(element) == "TranscriptSelection":
        marks = {_guid_of(mark): mark.get("position") for mark in holder.findall("{*}SyncPoint")}
        positions = [marks.get(_guid_of(element, side)) for side in ("fromSyncPoint", "toSyncPoint")]
    return [read_whole(position, path, place) for position in positions]


def _read_source(holder: Element, archive: zipfile.ZipFile, stored: dict[str, str], path: Path, name: str) -> str:
    """The plain text that positions refer to, with its byte-order mark and line ends as stored."""
    within = holder.find("{*}PlainTextContent")
    if within is not None:
        return within.text or ""
    link = holder.get("plainTextPath", "")
    # In the standard, `internal://` means the folder `sources/`; NVivo 12 writes `Sources/`, and others name the folder.
    within = re.sub(r"^(internal://)?/*(sources/)?", "", link.casefold())
    if (entry := stored.get("sources/" + within)) is None:
        found, expected = f"no plain text in the archive ({link or 'no path'})", "its text inside the archive"
        raise WorkbookError(path, f"source {name}", found, expected, "export the project with its sources")
    content = read_entry(path, archive, entry)
    text = decode_text(path, content, f"entry {entry}")
    return MARK + text if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) else text


def _choose_dialect(selections: list[Selection], texts: dict[str, str], path: Path) -> tuple[dict[str, Ruler], str]:
    """The way of counting with which most selections begin and end between words, and a clause that says how many do.

    The standard counts Unicode code points; NVivo 12 counts UTF-16 units, and others count a stored line end of two
    characters as one. The file does not say which.
    """
    if not selections:
        return {}, ""
    marked = any(text.startswith(MARK) for text in texts.values())
    newlines = any(NEWLINE in text for text in texts.values())
    wide = any(max(text, default="") > LAST_NARROW for text in texts.values())
    best, most, label, readings = {}, -1, "", set()
    # Try the standard's way first, so that we choose it if several fit equally well.
    for mark, newline, units in product(*([False, True][: 1 + differs] for differs in (marked, newlines, wide))):
        rulers = {key: _lay_ruler(text, mark, newline, units) for key, text in texts.items()}
        readings.add(tuple(rulers[selection.text].read(selection) for selection in selections))
        fitting = sum(rulers[selection.text].fits(selection) for selection in selections)
        if fitting > most:
            best, most, label = rulers, fitting, "UTF-16 units" if units else "code points"
            label += ", a line end counting as one" * newline + ", the byte-order mark counting as one" * mark
    # If all ways of counting give the same words, there is nothing to choose: people sometimes code parts of words, and some
    # scripts have no spaces.
    if len(readings) > 1 and most < LEAST_FIT * len(selections):
        place, found = f"positions of {len(selections)} selections", f"{most} that begin and end between words, at best"
        expected = f"at least {LEAST_FIT:.0%}, because otherwise text would be cut in the wrong places"
        raise WorkbookError(path, place, found, expected, "export the project again, or export the coded segments as a table")
    return best, f"; positions count {label}: {most} of {len(selections)} selections begin and end between words"


def _lay_ruler(text: str, mark: bool, newline: bool, units: bool) -> Ruler:
    """Measure a text: does its byte-order mark count, does a line end count as one, and do we count UTF-16 units?"""
    first = int(mark and text.startswith(MARK))
    text = text.removeprefix(MARK)
    text = text.replace(NEWLINE, "\n") if newline else text
    return Ruler(text, np.cumsum([first, *(1 + (units and character > LAST_NARROW) for character in text)]))


def _cut_text(selection: Selection, ruler: Ruler, path: Path) -> str:
    if (text := ruler.read(selection)) is None:
        found = f"the positions {selection.start} to {selection.end}"
        expected = f"positions within its text, which ends at {ruler.starts[-1]}"
        raise WorkbookError(path, selection.place, found, expected, "export the project again")
    return text


def _collect_spans(cases: list[Element], case_codes: dict[str, str], selections: list[Selection]) -> dict[str, list[Span]]:
    """For each source, the parts that belong to a case: whole sources, selections, and what a case's code marks."""
    spans: dict[str, list[Span]] = {}
    by_guid = {selection.guid: selection for selection in selections if selection.text}
    for case in cases:
        for source in _list_targets(case, "SourceRef"):
            spans.setdefault(source, []).append(Span(case.get("name")))
        for selection in [by_guid[guid] for guid in _list_targets(case, "SelectionRef") if guid in by_guid]:
            spans.setdefault(selection.source_guid, []).append(Span(case.get("name"), selection.start, selection.end))
    for selection in selections:
        ends = (selection.start, selection.end) if selection.text else ()
        for name in [case_codes[code] for code, _ in selection.codings if code in case_codes]:
            spans.setdefault(selection.source_guid, []).append(Span(name, *ends))
    return spans


def _list_cases(cases: list[Element], tree: Element) -> pd.DataFrame:
    """Cases and their variables; MAXQDA and Quirkos write an unnamed case for each source."""
    sources = {_guid_of(source): source.get("name", "") for source in tree.findall(".//{*}Sources/*")}
    variables = {_guid_of(variable): variable.get("name", "") for variable in tree.findall(".//{*}Variable")}
    values = []
    for case in cases:
        targets = _list_targets(case, "SourceRef")
        name = case.get("name") or (sources.get(targets[0], "") if len(targets) == 1 else "")
        if name := re.sub(SOURCE_ENDING, "", name.strip()):
            values.append((name, "", ""))
            for value in case.findall("{*}VariableValue"):
                variable = next((variables.get(guid, "") for guid in _list_targets(value, "VariableRef")), "")
                text = next((part.text for part in value if _kind_of(part).endswith("Value")), "")
                values.append((name, variable, (text or "").strip()))
    return pivot_cases(pd.DataFrame(values, columns=["participant", "variable", "value"], dtype="str"))


def _kind_of(element: Element) -> str:
    """An element's name without its namespace: vendors' namespaces differ (`codebook:1.0`, `codebook:0:4`)."""
    return element.tag.split("}")[-1]


def _guid_of(element: Element, attribute: str = "guid") -> str:
    return element.get(attribute, "").strip("{} ").casefold()


def _list_targets(element: Element, kind: str) -> list[str]:
    """The guids that an element refers to through children of one kind."""
    return [_guid_of(reference, "targetGUID") for reference in element.findall(f"{{*}}{kind}")]
