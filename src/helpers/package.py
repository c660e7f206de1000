"""The files that a funder gets beside the page: one workbook of all tables, a data dictionary, a PDF, a README, a zip.

Everything is made from the funder's edition of a run, so nothing stands here that the edition does not hold.
"""

from __future__ import annotations

import importlib.metadata
import io
import itertools
import json
import re
import shutil
import warnings
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2
import pandas as pd

from helpers import present, printing
from helpers.study import WITHHELD, Study

# The day that files carry in place of the day they were made; the earliest that a zip can hold.
NO_DATE = datetime(1980, 1, 1)

# --- what columns hold ------------------------------------------------------------------------------------------------

SHARE = "count (percentage of all who answered; 95% CI)"
# Columns of a funder's tables, by the start of a table's name; the last part holds for every table.
GLOSSARY = {
    "bands_": {"Not relevant": f"respondents who called the item not relevant: {SHARE}"},
    "participants": {"Participants": "participants of the group"},
    "precision": {"Low": "lower end of the 95% CI (%)", "High": "upper end of the 95% CI (%)"},
    "recommendations": {
        "Gist": "the recommendation in a few words", "Items": "survey items named as evidence, with their favourable share",
    },
    "": {
        "Rests on": "what the row rests on, where it is simulated or rebuilt",
        "Section": "section of the questionnaire", "Items": "number of items", "Responses": "responses received",
        "Started": "respondents who answered some of it", "Group": "group of people", "Grouping": "what the groups differ in",
        "Completed (%; 95% CI)": "respondents who answered all of the section: count (percentage; 95% CI)",
        "Respondents": "respondents", "Of those known": "percentage of the respondents whose group is known",
        "Invited": "people invited", "Responded": "people who responded",
        "Response rate (95% CI)": "people who responded, of 100 invited (95% CI)",
        "Of all invited": "percentage of all invited", "Of all respondents": "percentage of all respondents",
        "Item": "survey item, by number and label", "Answered": "respondents who answered the item, “not relevant” included",
        "Band": "band of answers, the top one of the item's scale",
        "All who answered": "respondents who answered the item, “not relevant” included",
        "Of them (%; 95% CI)": f"respondents in the band: {SHARE}",
        "Relevant to": "respondents who answered the item on its scale",
        "Of those (%; 95% CI)": "respondents in the band: count (percentage of those who answered on the scale; 95% CI)",
        "Construct": "construct of Normalisation Process Theory, or a section of the study's own",
        "What it is about": "the construct in a few words",
        "Mean (95% CI)": "mean score (95% CI)", "Mean": "mean score", "Wave": "wave of the survey",
        "Test": "statistical test",
        "Corrected p under .05": "whether the p-value, after Holm's correction over the constructs, is under .05",
        "Percentage": "share of respondents that the interval is for", "Width": "width of the 95% CI (percentage points)",
        "What is known of them": "what the groups differ in", "Theme": "theme", "Of": "participants in all",
        "Participants": "participants with a piece of text on the theme",
        "Quotation": "what a participant said", "Gist": "what a participant said, in the analysts' words",
        "Attributed to": "how the participant is named",
        "Favourable (%; 95% CI)": f"respondents with a favourable answer: {SHARE}",
        "Stands out": "whether the 95% CI lies wholly above or below the mean favourable share",
        "Survey: mean score (95% CI)": "mean score of the construct (95% CI)",
        "Survey: mean score": "mean score of the construct",
        "Items that stand out": "items whose favourable share lies wholly above or below the mean of all items",
        "Participants coded": "participants with a piece of text on the construct, of all",
        "Judgement": "the analyst's judgement of how interviews and survey relate, and why",
        "Recommendation": "recommendation, by number",
        "Texts of interviews": "pieces of text named as evidence", "Published figures": "published figures named as evidence",
    },
}  # fmt: skip
# The other columns of some tables are named after the study's own bands and groups.
NAMED_BY_THE_STUDY = {
    "bands_": "respondents whose answer lies in the band “{column}”{points}: " + SHARE,
    "themes_by_": "participants of the group “{column}” with a piece of text on the theme, of all in the group",
}
FIXED = ("Item", "Answered", "Theme", "Rests on")

# How the explanation of a column begins that neither the glossary nor the study explains.
UNKNOWN = "see the title"

# What can stand in place of a figure, and the shapes of cells, the narrowest first.
MARK = r"\[.*\]|–|"
NUMBER = r"[−-]?(0|[1-9]\d{0,14}|(?=\.))(\.\d{1,14})?"
TYPES = {
    "whole number": r"[−-]?\d+",
    "number": NUMBER,
    "percentage": r"\d+(\.\d+)?%",
    "count (percentage; 95% CI)": r"\d+ \(\d+%; \d+ to \d+\)|\d+ to \d+ \(\d+% or more\)",
    "number (95% CI)": r"−?[\d.]+%? \(−?[\d.]+ to −?[\d.]+\)",
    "count of a total": r"(\d+|\[c\]) of \d+",
}


@dataclass(frozen=True)
class Content:
    """A line of the edition's list of contents: a figure, the numbers behind a figure, or a table."""

    kind: str
    label: str
    section: str
    title: str
    file: str
    notes: str
    rests_on: str
    alt: str

    @property
    def heading(self) -> str:
        return self.title if self.kind == "Figure data" else f"{self.label}: {self.title}"


def explain_column(study: Study, content: Content, column: str) -> str:
    """What a column of a table holds; the table's title where nothing is known of the column."""
    name = Path(content.file).stem[3:]
    for start, columns in GLOSSARY.items():
        if start and name.startswith(start) and column in columns:
            return columns[column]
    for start, words in NAMED_BY_THE_STUDY.items():
        if name.startswith(start) and column not in FIXED:
            return words.format(column=column, points=list_points(study, name, column))
    return GLOSSARY[""].get(column, f"{UNKNOWN}: {content.title}")


def list_points(study: Study, name: str, band: str) -> str:
    """The points of the scale that a band is made of, where it has several: " (Agree, Strongly agree)"."""
    scales = [scale for key, scale in study.scales.items() if name.removesuffix("_data") == present.file_name(f"bands_{key}")]
    points = [response.label for scale in scales for response in scale.responses if response.band == band]
    return f" ({', '.join(points)})" if len(points) > 1 else ""


def holds_only(cells: pd.Series, shape: str) -> bool:
    """Whether every cell that is no mark has this shape, and there is one."""
    figures = cells[~cells.str.fullmatch(MARK)]
    return len(figures) > 0 and bool(figures.str.fullmatch(shape).all())


def describe_columns(study: Study, contents: list[Content], tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The data dictionary: one row a column of each CSV file, with columns `file, table, column, type, holds`."""
    rows = []
    for content in contents:
        for column, cells in tables.get(content.file, pd.DataFrame()).items():
            kind = next((kind for kind, shape in TYPES.items() if holds_only(cells, shape)), "text")
            if cells.str.contains(WITHHELD, regex=False).any():
                kind += f", some withheld: {WITHHELD}"
            rows.append((content.file, content.heading, column, kind, explain_column(study, content, column)))
    return pd.DataFrame(rows, columns=["file", "table", "column", "type", "holds"])


# --- reading and writing ----------------------------------------------------------------------------------------------


def read_csv(path: Path) -> pd.DataFrame:
    """A table that `present` saved, every cell as text and as it was typed: without the apostrophe before a formula."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")

    def unescape(text: str) -> str:
        return text[1:] if text[:1] == "'" and text[1:2] in present.FORMULA_STARTS else text

    return rows.map(unescape).rename(columns=unescape)


def assemble(source: Path, target: Path, study: Study) -> list[str]:
    """Make the package in an empty folder, from the funder's edition of a run.

    Parameters
    ----------
    source : Path
        The edition: `appendix.html`, `run.json`, `contents.csv`, `tables/`, `figures/`. Only tables and figures that the
        list of contents names are taken.
    target : Path
        The empty folder.
    study : Study

    Returns
    -------
    list of str
        What the package goes without, and why: a sentence each, none when it is whole.
    """
    listed = read_csv(source / "contents.csv")
    contents = [Content(**row) for row in listed.to_dict("records")]
    record = json.loads((source / "run.json").read_text(encoding="utf-8"))
    pictures = [str(Path(content.file).with_suffix(".png")) for content in contents if content.kind == "Figure"]
    for file in ["appendix.html", "run.json", *listed["file"], *pictures]:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)
    present.save_csv(target / "contents.csv", listed)
    tables = {file: read_csv(source / file) for file in listed["file"] if file.endswith(".csv")}
    present.save_csv(target / "data_dictionary.csv", describe_columns(study, contents, tables))
    if tables:
        present.save(target / "tables.xlsx", build_workbook(study, record, contents, tables))
    missing = printing.print_page(target / "appendix.html", target / "appendix.pdf")
    present.save(target / "README.txt", write_readme(study, record, contents, missing).encode())
    return [f"The package has no PDF: {missing}."] if missing else []


def explain_signs(threshold: int) -> dict[str, str]:
    """What each sign in a table means, by the pattern that finds it."""
    return {
        r"\[c\]": f"[c] stands for a figure that is withheld (confidential) to protect people: it would tell of fewer than "
        f"{threshold} people, or of a group nearly all of whom gave one answer, or such a figure could be worked out from it.",
        r"% or more\)": "A range such as “36 to 40 (90% or more)” stands in place of an exact count for the same reason.",
        r"95% CI": "95% CI is the 95% confidence interval: how precise a figure is for people like those who took part. It "
        "does not correct for those who did not.",
        r"\[none\]|^–$": "[none] stands where there is nothing to show; in the page and the CSV files so does –.",
        r"\[not defined": "[not defined] stands where a figure cannot be computed; a reason may follow.",
    }


def write_readme(study: Study, record: dict, contents: list[Content], missing: str) -> str:
    """What each file is, how the tables read and where they come from; `missing` says why there is no PDF."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(present.TEMPLATES), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    threshold = record["threshold"]
    return environment.get_template("readme.txt.j2").render(
        study=study, record=record, missing=missing, threshold=threshold, signs=list(explain_signs(threshold).values()),
        version=importlib.metadata.version("nomad-workbook"), kinds={content.kind for content in contents},
    )  # fmt: skip


def zip_folder(folder: Path, target: Path) -> None:
    """Pack a folder under its own name; the same files give the same bytes, wherever and whenever they are packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, path in sorted((path.relative_to(folder.parent).as_posix(), path) for path in folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(name, NO_DATE.timetuple()[:6])
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=6)
    present.save(target, stream.getvalue())


# --- the workbook of tables -------------------------------------------------------------------------------------------


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
        table=pd.DataFrame(cells, dtype=object), table_name=present.file_name(content.label), title=as_typed(content.heading),
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
