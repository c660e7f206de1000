"""QualCoder: its report as CSV, and its database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import WHOLE, Coded, Span, choose_case, frame_rows, list_codes, name_codes, no_cases, pivot_cases
from helpers.interviews.files import query, read_whole
from helpers.interviews.sheets import Sheet, refuse_blank
from helpers.study.errors import WorkbookError


def read_qualcoder_report(sheets: list[Sheet]) -> Coded:
    """QualCoder's coding report: as many categories a row as the code has, so rows differ in length.

    Columns are counted from the left up to the memo and, for variables, from the right; what lies between are the
    code's categories from the nearest to the outermost, which is the theme. The report has no positions: equal
    texts of one source are one segment.
    """
    sheet = sheets[0]
    fixed = sheet.header.index("Coded_Memo") + 1
    variables = sum(name.startswith(("FileVar_", "CaseVar_")) for name in sheet.header)
    by_case = sheet.header[0] == "Case"
    rows, spans = [], {}
    for number, cells in enumerate(sheet.rows):
        if not any(cells):
            continue
        if not fixed + variables <= len(cells) <= len(sheet.header):
            raise WorkbookError(
                sheet.file, sheet.row_place(number), f"{len(cells)} cells",
                f"{fixed + variables} to {len(sheet.header)}", "export the report again",
            )  # fmt: skip
        row = dict(zip(sheet.header[:fixed], cells, strict=False))
        categories = [name for name in cells[fixed : len(cells) - variables] if name]
        source = row["Filename"] if by_case and "Filename" in row else cells[0]
        kind = row["Id"].partition(":")[0]
        key = (source, row["Coded"] if kind == "ctid" else row["Id"])
        rows.append(
            {
                "segment": f"{spans.setdefault(key, len(spans) + 1)}",
                "participant": cells[0] if by_case else None,
                "source": source,
                "coder": row["Coder"],
                "code": row["Codename"],
                "theme": categories[-1] if categories else row["Codename"],
                "text": row["Coded"] if kind == "ctid" else None,
                "place": sheet.row_place(number),
            }
        )
    table = frame_rows(rows)
    refuse_blank(table, ["source", "code"], sheet.file)
    # The same words coded twice with one code at two places cannot be told apart here: they count once.
    table = table.drop_duplicates(["segment", "participant", "coder", "code"], ignore_index=True)
    return Coded("QualCoder coding report", table, list_codes(table), no_cases())


def read_qualcoder_database(connection: sqlite3.Connection, path: Path) -> Coded:
    """QualCoder's project (`data.qda`): text, picture and sound codings, cases with variables."""
    names = query(connection, path, "SELECT * FROM code_name ORDER BY cid").set_index("cid")
    groups = query(connection, path, "SELECT * FROM code_cat").set_index("catid")
    paths = {code: _trace_qualcoder_code(code, names, groups, path) for code in names.index}
    codes = name_codes(list(paths.values()))
    known, topics = dict(zip(paths, codes["code"], strict=True)), dict(zip(paths, codes["theme"], strict=True))
    spans: dict[str, list[Span]] = {}
    for case in query(
        connection, path, "SELECT fid, name, pos0, pos1 FROM case_text x JOIN cases c ON c.caseid = x.caseid"
    ).itertuples():
        start, end = (read_whole(position, path, f"case {case.name}") for position in (case.pos0, case.pos1))
        # QualCoder writes 0 to 0 for a case that is the whole file.
        spans.setdefault(case.fid, []).append(Span(case.name, start, end or WHOLE))
    codings = query(
        connection, path,
        "SELECT 'text' AS kind, s.name AS source, t.fid, t.cid, t.owner, t.pos0, t.pos1, t.seltext AS text "
        "FROM code_text t JOIN source s ON s.id = t.fid "
        "UNION ALL SELECT 'picture', s.name, i.id, i.cid, i.owner, i.imid, i.imid, NULL "
        "FROM code_image i JOIN source s ON s.id = i.id "
        "UNION ALL SELECT 'recording', s.name, a.id, a.cid, a.owner, a.pos0, a.pos1, NULL "
        "FROM code_av a JOIN source s ON s.id = a.id ORDER BY 3, 6, 7",
    )  # fmt: skip
    rows = []
    for number, row in enumerate(codings.itertuples()):
        place = f"coding {number + 1} (source {row.source})"
        if row.cid not in known:
            raise WorkbookError(path, place, f"the code number {row.cid}", "a code of the project", "repair it in QualCoder")
        start, end = read_whole(row.pos0, path, place), read_whole(row.pos1, path, place)
        rows.append(
            {
                "segment": f"{row.source}:{row.kind if row.kind != 'text' else ''}{row.pos0}-{row.pos1}",
                "participant": choose_case(spans.get(row.fid, []), start, end),
                "source": row.source,
                "coder": row.owner,
                "code": known[row.cid],
                "theme": topics[row.cid],
                "text": row.text,
                "place": place,
            }
        )
    cases = pivot_cases(
        query(
            connection,
            path,
            "SELECT c.name AS participant, a.name AS variable, a.value FROM cases c "
            "LEFT JOIN attribute a ON a.id = c.caseid AND a.attr_type = 'case' ORDER BY c.caseid, a.attrid",
        )  # fmt: skip
    )
    return Coded("QualCoder project", frame_rows(rows), codes, cases)


def _trace_qualcoder_code(code: str, names: pd.DataFrame, groups: pd.DataFrame, path: Path) -> tuple[str, ...]:
    """A code's names from the outermost category to the code itself."""
    steps, here, table, seen = [], code, names, set()
    while here in table.index and (here, table is names) not in seen:
        seen.add((here, table is names))
        row = table.loc[here]
        steps.insert(0, row["name"])
        if table is names and row["catid"]:
            here, table = row["catid"], groups
        else:
            here = row.get("supercid" if table is names else "supercatid", "")
    if not all(steps):
        raise WorkbookError(path, f"code {code}", "a code or category without a name", "a name", "name it")
    return tuple(steps)
