"""QualCoder: its report as CSV."""

import csv
import io

from helpers.interviews.coded import Coded, attach_names, name_codes
from helpers.study.errors import WorkbookError
from helpers.study.files import decode_text, read_bytes
from helpers.study.sheets import Sheet, refuse_blank


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
    # How long a row is tells how many categories it has, so rows are read without what a table would fill up.
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
    # The same words coded twice with one code at two places cannot be told apart here: they count once.
    table = table.drop_duplicates(["segment", "participant", "coder", "code"], ignore_index=True)
    return Coded("QualCoder coding report", table, codes)
