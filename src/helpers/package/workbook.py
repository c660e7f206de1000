"""All tables of a package as one accessible workbook."""

import io
import re
import warnings

import pandas as pd

from helpers.interviews.coded import name_apart
from helpers.package.dictionary import NO_DATE, Content, explain_signs, find_column
from helpers.page import render
from helpers.page.tables import write_cell
from helpers.study.definition import Study

# How a column's numbers are shown, by its kind in `columns.csv`; columns of other kinds hold text.
FORMATS = {"count": "0", "percent": "0.0", "percent1": "0.0", "number": "0.00", "number1": "0.0", "p": "0.000"}
# A number whose digits a spreadsheet keeps.
NUMBER = r"-?\d{1,15}(\.\d{1,14})?(e-\d+)?"


def build_workbook(study: Study, record: dict, contents: list[Content], tables: dict[str, pd.DataFrame]) -> bytes:
    """All tables in one accessible workbook: cover, contents, and one sheet for each table."""
    import gptables
    from gptables.core.gptable import FormatList

    tidied = [(content, *tidy_table(study, tables[content.file])) for content in contents if content.file in tables]
    sheets = {content.label: lay_out(content, rows, kinds) for content, rows, kinds in tidied}
    title, simulated = f"{study.definition.title}: tables", record.get("simulated", "")
    cover = gptables.Cover(
        title=FormatList(as_typed(title)),
        intro=[as_typed(text.strip()) for text in (study.definition.about, simulated) if text],
        about=["Each sheet holds one table, under its label in the appendix.", *explain_signs(record["threshold"])],
    )
    widths = {"Contents": [16, 110]} | {content.label: choose_widths(rows) for content, rows, _ in tidied}
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # gptables 2.0 uses what pandas 4 will drop, and warns of a workbook that has no sheet of notes.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="No note text provided")
        book = gptables.produce_workbook(
            stream, sheets, cover=cover, auto_width=False,
            # Free text is text: XlsxWriter would make formulas of "=…" and links of "http://…".
            workbook_options={"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )  # fmt: skip
    book.set_properties({"title": title, "created": NO_DATE})
    for sheet in book.worksheets():
        for column, width in enumerate(widths.get(sheet.name, [])):
            sheet.set_column(column, column, width)
    book.close()
    return stream.getvalue()


def tidy_table(study: Study, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A table for its sheet, and the kinds of its columns: numbers as numbers, no empty cells, no two columns of one name.

    What a table rests on goes above it, and an item's label into its name.
    """
    kept = rows.drop(columns=["rests_on", *(["label"] if "item" in rows else [])], errors="ignore")
    kept = kept if len(kept) else pd.DataFrame([[""] * kept.shape[1]], columns=kept.columns)
    columns = [find_column(name) for name in kept]
    kinds = [column["kind"] for column in columns]
    # gptables refuses a header with "$$" and Excel two that differ only in case.
    labels = [column["label"].replace("$$", "$ $").strip() or "[none]" for column in columns]
    units = [" (%)" * kind.startswith("percent") for kind in kinds]
    names = name_apart(map(str.__add__, labels, units))
    cells = [[to_value(text, kind, study) for text in kept.iloc[:, k]] for k, kind in enumerate(kinds)]
    return pd.DataFrame(dict(zip(names, cells, strict=True)), dtype=object), kinds


def to_value(text: str, kind: str, study: Study) -> int | float | str:
    """A cell of a CSV file for its sheet: a number if its column holds numbers, otherwise what the page writes."""
    if not text.strip():
        return "[none]"
    if kind in FORMATS and re.fullmatch(NUMBER, text):
        return int(text) if text.removeprefix("-").isdigit() else float(text)
    if kind == "yes_no":
        return {"True": "yes", "False": "no"}.get(text, text)
    return write_cell(text, kind, study) if kind in ("construct", "item") else text


def lay_out(content: Content, rows: pd.DataFrame, kinds: list[str]):
    """One table for its sheet: title, what it rests on and notes above it; marks are among the numbers."""
    import gptables
    from gptables.core.gptable import FormatList

    formats = {k: {"num_format": FORMATS[kind], "align": "right"} for k, kind in enumerate(kinds) if kind in FORMATS}
    return gptables.GPTable(
        # Text that gptables passes on exactly as typed.
        table=rows.map(lambda value: FormatList([{}, value]) if isinstance(value, str) else value),
        table_name=render.file_name(content.label), title=as_typed(content.heading),
        subtitles=[as_typed(content.rests_on)] if content.rests_on else [],
        instructions="This worksheet contains one table. Signs in it are explained on the worksheet Cover.",
        legend=[as_typed(sentence) for sentence in re.split(r"(?<=[.?!]) (?=[A-Z])", content.notes) if sentence],
        index_columns={},
        additional_formatting=[
            {"column": {"columns": list(range(rows.shape[1])), "format": {"valign": "top"}}},
            *({"column": {"columns": [k], "format": shape, "include_names": True}} for k, shape in formats.items()),
        ],
    )  # fmt: skip


def as_typed(text: str) -> list:
    """Text that stays as it is: gptables makes links of "[a](b)" and notes of "$$a$$", but not inside rich text."""
    return [part for piece in re.split(r"(?<=\$)(?=\$)", text) for part in ({}, piece)]


def choose_widths(rows: pd.DataFrame) -> list[int]:
    """Widths of columns in characters: as long as the longest cell, within what can be read."""
    longest = {name: max(len(cell) if isinstance(cell, str) else 8 for cell in cells) for name, cells in rows.items()}
    return [min(48, max(11, length + 2, min(24, len(name) + 2))) for name, length in longest.items()]
