"""Read QualCoder's CSV report and its database."""

import csv
import io
import math
import sqlite3
from pathlib import Path

from helpers.interviews.coded import Coded, Span, attach_names, choose_case, name_apart, name_codes, pivot_cases
from helpers.study.errors import WorkbookError
from helpers.study.files import decode_text, query, read_bytes, read_whole
from helpers.study.sheets import Sheet, refuse_blank


def read_qualcoder_report(sheets: list[Sheet]) -> Coded:
    """QualCoder's coding report. A row has a cell for each category of its code, so rows differ in length.

    We count columns from the left up to the memo and, for variables, from the right. Between them are the code's
    categories, from the nearest to the outermost, which is the theme. The report has no positions, so the same text in
    one source is one segment.
    """
    sheet = sheets[0]
    fixed = sheet.header.index("Coded_Memo") + 1
    variables = sum(name.startswith(("FileVar_", "CaseVar_")) for name in sheet.header)
    by_case = sheet.header[0] == "Case"
    rows, spans = [], {}
    # The length of a row shows how many categories it has, so we read rows before a table fills them up.
    text = decode_text(sheet.file, read_bytes(sheet.file))
    for number, line in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
        if number not in sheet.cells.index:
            continue
        place, cells = f"row {number}", [cell.strip() for cell in line]
        if not fixed + variables <= len(cells) <= len(sheet.header):
            expected = f"{fixed + variables} to {len(sheet.header)}"
            raise WorkbookError(sheet.file, place, f"{len(cells)} cells", expected, "export the report again")
        row = dict(zip(sheet.header[:fixed], cells, strict=False))
        categories = [name for name in cells[fixed : len(cells) - variables] if name]
        source = row["Filename"] if by_case and "Filename" in row else cells[0]
        text = row["Coded"] if row["Id"].startswith("ctid:") else None
        rows.append({
            "segment": str(spans.setdefault((source, text or row["Id"]), len(spans) + 1)),
            "participant": cells[0] if by_case else None, "source": source, "coder": row["Coder"],
            "code": (*reversed(categories), row["Codename"]), "text": text, "place": place,
        })  # fmt: skip
    codes = name_codes({row["code"]: row["code"] for row in rows})
    table = attach_names(rows, codes, sheet.file)
    refuse_blank(table.set_index("place"), ["source", "code"], sheet.file)
    # The same words coded twice with one code in two places cannot be told apart here, so they count once.
    table = table.drop_duplicates(["segment", "participant", "coder", "code"], ignore_index=True)
    return Coded("QualCoder coding report", table, codes)


def read_qualcoder_database(connection: sqlite3.Connection, path: Path) -> Coded:
    """QualCoder's project (`data.qda`): codings of text, pictures and recordings, and cases with variables."""
    codes = name_codes(_trace_codes(connection, path))
    spans: dict[str, list[Span]] = {}
    stretches = query(connection, path, "SELECT fid, name, pos0, pos1 FROM case_text x JOIN cases c ON c.caseid = x.caseid")
    for case in stretches.itertuples():
        start, end = (read_whole(position, path, f"case {case.name}") for position in (case.pos0, case.pos1))
        # QualCoder writes 0 to 0 if the case is the whole file.
        spans.setdefault(case.fid, []).append(Span(case.name, start, end or math.inf))
    codings = query(
        connection, path,
        "SELECT 'text' AS kind, s.name AS source, t.fid, t.cid AS code, t.owner AS coder, t.pos0, t.pos1, t.seltext AS text "
        "FROM code_text t JOIN source s ON s.id = t.fid "
        "UNION ALL SELECT 'picture', s.name, i.id, i.cid, i.owner, i.imid, i.imid, NULL "
        "FROM code_image i JOIN source s ON s.id = i.id "
        "UNION ALL SELECT 'recording', s.name, a.id, a.cid, a.owner, a.pos0, a.pos1, NULL "
        "FROM code_av a JOIN source s ON s.id = a.id ORDER BY 3, 6, 7",
    )  # fmt: skip
    sources = query(connection, path, "SELECT id, name FROM source ORDER BY id")
    names = dict(zip(sources["id"], name_apart(sources["name"]), strict=True))
    codings = codings.assign(source=codings["fid"].map(names))
    places, owners = [], []
    for number, row in enumerate(codings.itertuples(), start=1):
        places.append(f"coding {number} (source {row.source})")
        start, end = (read_whole(position, path, places[-1]) for position in (row.pos0, row.pos1))
        owners.append(choose_case(spans.get(row.fid, []), start, end))
    segments = codings["source"] + ":" + codings["kind"].replace("text", "") + codings["pos0"] + "-" + codings["pos1"]
    rows = codings.assign(segment=segments, participant=owners, place=places)
    cases = query(
        connection, path,
        "SELECT c.name AS participant, a.name AS variable, a.value FROM cases c "
        "LEFT JOIN attribute a ON a.id = c.caseid AND a.attr_type = 'case' ORDER BY c.caseid, a.attrid",
    )  # fmt: skip
    return Coded("QualCoder project", attach_names(rows, codes, path), codes, pivot_cases(cases))


def _trace_codes(connection: sqlite3.Connection, path: Path) -> dict[str, tuple[str, ...]]:
    """Each code's names, from the outermost category or code down to the code itself."""
    names = query(connection, path, "SELECT * FROM code_name ORDER BY cid")
    # Projects from before version 3 have no codes within codes.
    names = names.reindex(columns=["cid", "name", "catid", "supercid"], fill_value="")
    groups = query(connection, path, "SELECT catid, name, supercatid FROM code_cat")
    nodes = {("group", row.catid): (row.name, ("group", row.supercatid)) for row in groups.itertuples()}
    for row in names.itertuples():
        nodes["code", row.cid] = row.name, ("group", row.catid) if row.catid else ("code", row.supercid)
    traced = {}
    for code in names["cid"]:
        steps, here = {}, ("code", code)
        while here in nodes and here not in steps:
            steps[here], here = nodes[here]
        if not all(steps.values()):
            raise WorkbookError(path, f"code {code}", "a code or category without a name", "a name", "name it")
        traced[code] = tuple(reversed(steps.values()))
    return traced
