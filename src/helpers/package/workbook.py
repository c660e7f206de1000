"""All tables of a package as one accessible workbook."""

from __future__ import annotations

import io
import itertools
import re
import warnings

import pandas as pd

from helpers.package.dictionary import MARK, NO_DATE, NUMBER, Content, explain_signs, holds_only
from helpers.page import render
from helpers.study.definition import Study


def build_workbook(study: Study, record: dict, contents: list[Content], tables: dict[str, pd.DataFrame]) -> bytes:
    """All tables in one accessible workbook: cover, contents, notes, and one table a sheet."""
    import gptables
    from gptables.core.gptable import FormatList

    signs = explain_signs(record["threshold"])
    frames = {content: tidy_table(tables[content.file]) for content in contents if content.file in tables}
    used = {content: [k for k, sign in enumerate(signs) if has_sign(rows, sign)] for content, rows in frames.items()}
    sheets = {content.label: lay_out(content, rows, used[content]) for content, rows in frames.items()}
    notes = {str(k): text for k, text in enumerate(signs.values()) if any(k in found for found in used.values())}
    title, simulated = f"{study.definition.title}: tables", record.get("simulated", "")
    cover = gptables.Cover(
        title=FormatList(as_typed(title)),
        intro=[as_typed(text.strip()) for text in (study.definition.about, simulated) if text],
        about=["Each sheet holds one table, under the label that it has in the appendix.", *notes.values()],
    )
    widths = {"Contents": [16, 110], "Notes": [14, 110]} | {c.label: choose_widths(rows) for c, rows in frames.items()}
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # gptables 2.0 uses what pandas 4 will drop, and warns of a workbook that needs no notes.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="No note text provided")
        book = gptables.produce_workbook(
            stream, sheets, cover=cover, auto_width=False,
            notes_table=pd.DataFrame({"reference": list(notes), "Note": list(notes.values())}) if notes else None,
            # Free text is text: XlsxWriter would make formulas of "=…" and links of "http://…".
            workbook_options={"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )  # fmt: skip
    book.set_properties({"title": title, "created": NO_DATE})
    for sheet in book.worksheets():
        for column, width in enumerate(widths.get(sheet.name, [])):
            sheet.set_column(column, column, width)
    book.close()
    return stream.getvalue()


def tidy_table(rows: pd.DataFrame) -> pd.DataFrame:
    """A table as its sheet has it: what it rests on stands above it, no cell is empty, no two columns have one name."""
    kept = rows.drop(columns="Rests on", errors="ignore")
    if kept.empty:
        kept = pd.DataFrame([[""] * kept.shape[1]], columns=kept.columns)
    names: list[str] = []
    for name in kept.columns:
        # gptables refuses a header with "$$" and Excel two that differ only in case.
        name = name.replace("$$", "$ $").strip() or "[none]"
        choices = itertools.chain([name], (f"{name} ({k})" for k in itertools.count(2)))
        taken = {other.casefold() for other in names}
        names.append(next(choice for choice in choices if choice.casefold() not in taken))
    return kept.replace(r"^\s*$|^–$", "[none]", regex=True).set_axis(names, axis=1)


def has_sign(rows: pd.DataFrame, sign: str) -> bool:
    return any(pd.Series([name, *cells]).str.contains(sign).any() for name, cells in rows.items())


def lay_out(content: Content, rows: pd.DataFrame, signs: list[int]):
    """One table for its sheet: title, what it rests on, notes and signs above it; figures as numbers, marks among them."""
    import gptables

    numeric = [k for k in range(rows.shape[1]) if holds_only(rows.iloc[:, k], NUMBER)]
    cells = {name: [to_cell(text, k in numeric) for text in column] for k, (name, column) in enumerate(rows.items())}
    instructions = "This worksheet contains one table."
    if signs:
        instructions += " Its signs are explained on the worksheet Notes: " + "".join(f"$${k}$$" for k in signs)
    return gptables.GPTable(
        table=pd.DataFrame(cells, dtype=object), table_name=render.file_name(content.label), title=as_typed(content.heading),
        subtitles=[as_typed(content.rests_on)] if content.rests_on else [], instructions=instructions,
        legend=[as_typed(sentence) for sentence in re.split(r"(?<=[.?!]) (?=[A-Z])", content.notes) if sentence],
        index_columns={},
        additional_formatting=[
            {"column": {"columns": list(range(rows.shape[1])), "format": {"valign": "top"}}},
            *({"column": {"columns": [k], "format": number_format(rows.iloc[:, k]), "include_names": True}} for k in numeric),
        ],
    )  # fmt: skip


def to_cell(text: str, numeric: bool) -> object:
    """A number where the column holds numbers, else text that gptables passes on as it was typed."""
    from gptables.core.gptable import FormatList

    if not numeric or re.fullmatch(MARK, text):
        return FormatList([{}, text])
    plain = text.replace("−", "-")
    return float(plain) if "." in plain else int(plain)


def number_format(cells: pd.Series) -> dict[str, str]:
    decimals = max(len(text.partition(".")[2]) for text in cells if not re.fullmatch(MARK, text))
    return {"num_format": "0." + "0" * decimals if decimals else "0", "align": "right"}


def as_typed(text: str) -> list:
    """Text that stands as it is: gptables makes links of "[a](b)" and notes of "$$a$$", but not inside rich text."""
    return [part for piece in re.split(r"(?<=\$)(?=\$)", text) for part in ({}, piece)]


def choose_widths(rows: pd.DataFrame) -> list[int]:
    """Widths of columns in characters: as long as the longest cell, within what can be read."""
    return [min(48, max(11, cells.str.len().max() + 2, min(24, len(name) + 2))) for name, cells in rows.items()]
