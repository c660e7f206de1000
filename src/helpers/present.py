"""Figures, tables and sentences as a reader sees them: captions, alternative texts, numbers, and what they rest on."""

from __future__ import annotations

import base64
import csv
import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML

from helpers.study import LEAST_THRESHOLD, WITHHELD, Run, Scale, WorkbookError

# One order and one colour throughout. Blue and orange differ for every common colour blindness (Okabe and Ito 2008) and
# in lightness, so that they also differ in grey print.
LOW_COLOURS = ["#8c3a00", "#e08a3c"]
NEUTRAL_COLOUR = "#c9c9c9"
HIGH_COLOURS = ["#7fb2dd", "#14508c"]
NOT_RELEVANT_COLOUR = "#efe9f5"
CONSTRUCT_COLOURS = ["#14508c", "#b35900", "#1b7f5f", "#7b4fa3", "#8a6d00", "#555555"]

TEMPLATES = Path(__file__).parent / "template"
# A longer table is folded on screen: a reader opens it to look something up.
LONG_TABLE = 30
BASES = ("joint", "margins", "published", "interviews", "assigned")
AUDIENCES = ("team", "funder")
# A spreadsheet takes text that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Columns of a run's list of contents.
CONTENTS = ["kind", "label", "section", "title", "file", "notes", "rests_on", "alt"]
# What a page shows of a result that stays with the team.
NOTHING = HTML("")


def environment() -> jinja2.Environment:
    """Templates with every value escaped: free text of a study is text, whatever it holds."""
    return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def render(template: str, **values: object) -> HTML:
    return HTML(environment().get_template(f"{template}.html.j2").render(**values))


# --- numbers in prose -------------------------------------------------------------------------------------------------


def percent(value: float) -> str:
    """A percentage (0 to 100) as a whole number; halves round up, as published tables mostly do."""
    return "[not defined]" if pd.isna(value) else f"{int(value + 0.5 + 1e-9)}%"


def ratio(count: float, n: float, low: float | None = None, high: float | None = None, least: float | None = None) -> str:
    """A percentage with numerator, denominator and 95% interval (per cent): "31 of 40 (78%, 95% CI 62 to 88)".

    Where the count is withheld and only the `least` it can be is told: "36 to 40 of 40 (90% or more)".
    """
    if n == 0:
        return "[not defined: nobody answered]"
    if pd.isna(count):
        return f"{least:g} to {n:g} of {n:g} ({int(100 * least / n)}% or more)"
    interval = "" if low is None else f", 95% CI {percent(low)[:-1]} to {percent(high)[:-1]}"
    return f"{count:g} of {n:g} ({percent(100 * count / n)}{interval})"


def share_cell(count: float, n: float, low: float, high: float, least: float | None = None) -> str:
    """The same for a cell of a table that gives n elsewhere: "31 (78%; 62 to 88)".

    A count that is missing is withheld: "[c]", or "36 to 40 (90% or more)" where only the `least` it can be is told.
    """
    if n == 0:
        return "[none]"
    if pd.notna(count):
        return f"{count:g} ({percent(100 * count / n)}; {percent(low)[:-1]} to {percent(high)[:-1]})"
    if least is None or pd.isna(least):
        return WITHHELD
    return f"{least:g} to {n:g} ({int(100 * least / n)}% or more)"


def whole(count: float) -> str:
    """A count of people, or the mark that it is withheld."""
    return WITHHELD if pd.isna(count) else f"{count:g}"


def decimals(value: float, digits: int = 2, missing: str = "[not defined]") -> str:
    """A number with a fixed number of decimals and a real minus sign."""
    if pd.isna(value):
        return missing
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def between(low: float, high: float, digits: int = 2) -> str:
    """An interval: "0.44 to 0.80"."""
    return f"{decimals(low, digits)} to {decimals(high, digits)}"


def name_mean(described: pd.DataFrame, name: str = "Mean") -> str:
    """What a column of means is called: with its interval only where one is told, or where nothing is withheld."""
    return f"{name} (95% CI)" if described["low"].notna().any() or described["mean"].isna().all() else name


def mean_cell(row, threshold: int = 0) -> str:
    """A row of `nomad.describe_scores`, or for a funder of `disclosure.protect_means`, as its mean and interval."""
    if pd.notna(row.low):
        return f"{decimals(row.mean)} ({between(row.low, row.high)})"
    if not threshold:
        return row.note
    return WITHHELD if pd.isna(row.mean) else decimals(row.mean)


def p_value(p: float) -> str:
    """A p-value to three decimals, never "0.000"."""
    if pd.isna(p):
        return "[not defined]"
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def listed(words: Iterable[str], nothing: str = "none") -> str:
    """A list in words: "a, b and c"."""
    words = list(words)
    if len(words) < 2:
        return words[0] if words else nothing
    return ", ".join(words[:-1]) + " and " + words[-1]


def together(parts: Iterable[HTML]) -> HTML:
    """Several figures or tables as one output of a cell."""
    return HTML("\n".join(part.data for part in parts))


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: "1 item", "3 items"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


# --- a notebook's page ------------------------------------------------------------------------------------------------


@dataclass
class Page:
    """What one notebook shows and saves; it numbers figures and tables ("Figure 3.1") and marks what is simulated.

    Parameters
    ----------
    run : Run
    notebook : int
        The notebook's number.
    audience : {"team", "funder"}
        `team` sees everything. For `funder` nothing is shown or saved unless the call says `shared=True`.
    threshold : int
        For a funder, the least number of people that a cell may tell of; 0 for the team, where nothing is withheld.

    Notes
    -----
    `shared` is a promise: what is shown holds no cell of fewer people than `threshold`, nothing by which one could be
    worked out, and no single person. It is made only for what is built from numbers that `disclosure` has passed.

    Every figure, table and sentence names its `basis`: `joint` (rests on how a respondent's answers go together),
    `margins` (counts per item or group alone), `published` (figures as printed), `interviews`, or `assigned` (attributes
    of participants that were shared out). When the study says that a basis is simulated or rebuilt, the mark stands beside
    the result, in its picture and in its saved table. The default is the most cautious, `joint`.
    """

    run: Run
    notebook: int
    audience: str = "team"
    threshold: int = 5
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    findings: dict[str, dict] = field(default_factory=dict)
    contents: dict[str, dict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.audience not in AUDIENCES:
            raise WorkbookError(
                "parameters", "audience", repr(self.audience), " or ".join(AUDIENCES), "correct the parameter `audience`"
            )
        if self.audience == "team":
            self.threshold = 0
        elif self.threshold < LEAST_THRESHOLD:
            raise WorkbookError(
                "parameters", "threshold", str(self.threshold), f"{LEAST_THRESHOLD} or more for a funder",
                "set the parameter to 5, for example",
            )  # fmt: skip
        use_style()

    def withholds(self, shared: bool) -> bool:
        """Whether a result stays with the team."""
        return self.audience != "team" and not shared

    def note_on(self, basis: str) -> str:
        """What a reader must know of results on this basis; empty for respondents' own answers."""
        if basis not in BASES:
            raise ValueError(f"basis must be one of {BASES}, not {basis!r}")
        definition = self.run.study.definition
        if basis in ("joint", "margins") and definition.survey and definition.survey.simulated:
            return getattr(definition.survey.simulated, basis).strip()
        if basis == "assigned" and definition.interviews:
            return (definition.interviews.simulated or "").strip()
        return ""

    def label(self, kind: str, name: str) -> str:
        """The number of a figure or table; the same name keeps its number when a cell is run again."""
        taken = [key for key in self.numbers if key[0] == kind]
        number = self.numbers.setdefault((kind, name), len(taken) + 1)
        return f"{kind} {self.notebook}.{number}"

    def figure(
        self,
        drawn: plt.Figure,
        name: str,
        caption: str,
        alt: str,
        data: pd.DataFrame | None = None,
        basis: str = "joint",
        shared: bool = False,
    ) -> HTML:
        """Number, mark, save (SVG and PNG) and show a figure.

        Parameters
        ----------
        drawn : matplotlib Figure
        name : str
            A word or two for the file's name, unique in the notebook.
        caption : str
            What the figure is.
        alt : str
            What it shows, for those who cannot see it.
        data : DataFrame, optional
            The numbers behind it, shown in a fold and saved as CSV.
        basis, shared
            See `Page`.
        """
        if self.withholds(shared):
            plt.close(drawn)
            return NOTHING
        name = file_name(name)
        label, note = self.label("Figure", name), self.note_on(basis)
        if basis == "joint" and note:
            drawn.text(0.5, -0.02, "SIMULATED ANSWERS: NOT A FINDING", ha="center", va="top", color="#8c1c13", fontsize=9)
        elif note:
            drawn.text(0.5, -0.02, "Rebuilt or shared out from published totals", ha="center", va="top", fontsize=8)
        svg = picture(drawn, "svg")
        save(self.run.folder / "figures" / f"{self.notebook:02d}_{name}.svg", svg)
        save(self.run.folder / "figures" / f"{self.notebook:02d}_{name}.png", picture(drawn, "png"))
        width = drawn.get_size_inches()[0]
        plt.close(drawn)
        self.list_content("Figure", label, caption, f"figures/{self.notebook:02d}_{name}.svg", basis, alt=alt)
        if data is not None:
            self.save_table(data, f"{name}_data", basis)
            file = f"tables/{self.notebook:02d}_{name}_data.csv"
            self.list_content("Figure data", label, f"Numbers behind {label}: {caption}", file, basis)
        return render(
            "figure", anchor=anchor(label), label=label, caption=caption, alt=alt, note=note, basis=basis, data=table_of(data),
            source="data:image/svg+xml;base64," + base64.b64encode(svg).decode(), narrow=width < 5,
        )  # fmt: skip

    def table(
        self, rows: pd.DataFrame, name: str, caption: str, notes: str = "", basis: str = "joint", shared: bool = False
    ) -> HTML:
        """Number, mark, save (CSV) and show a table.

        Parameters
        ----------
        rows : DataFrame
            As it is to be read: labels as column names, the first column naming each row. Missing cells read "[none]".
        name, caption, basis, shared
            As for `figure`.
        notes : str
            What stands below the table.
        """
        if self.withholds(shared):
            return NOTHING
        name = file_name(name)
        label = self.label("Table", name)
        self.save_table(rows, name, basis)
        self.list_content("Table", label, caption, f"tables/{self.notebook:02d}_{name}.csv", basis, notes=notes)
        return render(
            "table", anchor=anchor(label), label=label, caption=caption, note=self.note_on(basis), basis=basis, notes=notes,
            data=table_of(rows), folded=len(rows) > LONG_TABLE,
        )  # fmt: skip

    def save_table(self, rows: pd.DataFrame, name: str, basis: str) -> None:
        note = self.note_on(basis)
        kept = rows.assign(**{"Rests on": note}) if note else rows
        save_csv(self.run.folder / "tables" / f"{self.notebook:02d}_{name}.csv", kept)

    def list_content(self, kind: str, label: str, title: str, file: str, basis: str, notes: str = "", alt: str = "") -> None:
        """Note a file of the run for its list of contents."""
        self.contents[file] = {
            "kind": kind, "label": label, "section": self.notebook, "title": title, "file": file, "notes": notes,
            "rests_on": self.note_on(basis), "alt": alt,
        }  # fmt: skip

    def say(self, sentence: str, basis: str = "joint", key: str = "", shared: bool = False) -> HTML:
        """Show a sentence of live numbers; with a `key` it is also kept for the summary, one sentence a key."""
        if self.withholds(shared):
            return NOTHING
        note = self.note_on(basis)
        place = anchor(f"finding {self.notebook} {key}") if key else ""
        if key:
            self.findings[key] = {
                "notebook": self.notebook, "key": key, "sentence": sentence, "basis": basis, "note": note, "anchor": place,
            }  # fmt: skip
        return render("sentence", sentence=sentence, note=note, basis=basis, anchor=place)

    def show_findings(self, findings: pd.DataFrame) -> HTML:
        """Show the sentences that other notebooks kept, topic by topic, each with a link to where it stands."""
        topics = [(topic, rows.to_dict("records")) for topic, rows in findings.groupby("topic", sort=False)]
        return render("findings", topics=topics)

    def show_list(self, items: list[str]) -> HTML:
        return render("list", items=items)

    def banner(self) -> HTML:
        """What of this study is made up, for the top of every notebook that rests on it; nothing otherwise."""
        survey = self.run.study.definition.survey
        text = survey.simulated.banner.strip() if survey and survey.simulated else ""
        return render("banner", banner=text)

    def opening(self, wave: str) -> HTML:
        """The banner, and which wave is shown where a study has several."""
        waves = list(self.run.study.survey.files)
        if len(waves) == 1:
            return self.banner()
        shown = f"Shown is wave {wave or waves[-1]}, of {listed(waves)}: the same person may have answered in several."
        return together([self.banner(), self.say(shown, basis="published", shared=True)])

    def close(self) -> HTML:
        """Keep the sentences for the summary and the list of contents, and say what was saved."""
        columns = ["notebook", "key", "sentence", "basis", "note", "anchor"]
        findings = pd.DataFrame(list(self.findings.values()), columns=columns)
        findings = findings.assign(audience=self.audience, threshold=self.threshold)
        self.run.save(f"findings_{self.notebook:02d}", findings)
        self.run.save(f"contents_{self.notebook:02d}", pd.DataFrame(list(self.contents.values()), columns=CONTENTS))
        survey = self.run.study.definition.survey
        if survey and survey.simulated:
            save(self.run.folder / "data" / "SIMULATED.txt", (survey.simulated.banner.strip() + "\n").encode())
        figures = sum(kind == "Figure" for kind, _ in self.numbers)
        saved = [counted(figures, "figure"), counted(len(self.numbers) - figures, "table")]
        return HTML(f'<p class="saved">Saved with this notebook: {listed(saved)}.</p>')


def use_style() -> None:
    """One look for every figure, and files that are the same whenever the numbers are."""
    import seaborn as sns

    sns.set_theme(style="whitegrid", context="notebook", font_scale=0.85)
    plt.rcParams.update({
        "font.family": "DejaVu Sans", "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False,
        "figure.constrained_layout.use": True, "svg.hashsalt": "nomad-workbook",
        "text.parse_math": False, "figure.dpi": 100, "savefig.dpi": 160,
    })  # fmt: skip


def picture(drawn: plt.Figure, kind: str) -> bytes:
    """A figure as SVG or PNG, without date or software in its metadata."""
    stream = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    drawn.savefig(stream, format=kind, bbox_inches="tight", metadata=metadata)
    return stream.getvalue()


def save(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def save_csv(path: Path, rows: pd.DataFrame) -> None:
    """Write a table as CSV (UTF-8 with its mark, for spreadsheets), in which no text can become a formula."""
    # Everything quoted: a bare carriage return would else end a row, and a semicolon a cell.
    text = escape_formulas(rows).to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
    save(path, text.encode("utf-8-sig"))


def anchor(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def file_name(name: str) -> str:
    """A name that is safe in every file system, whatever a study calls its waves and scales."""
    return anchor(name).replace("-", "_")


def escape_formulas(rows: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it; plain numbers stay as they are."""

    def escape(value: object) -> object:
        risky = isinstance(value, str) and value[:1] in FORMULA_STARTS
        return f"'{value}" if risky and not re.fullmatch(r"[+-]?\d+(\.\d+)?", value) else value

    return rows.map(escape).rename(columns=escape)


def cell_text(value: object) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "[none]"
    if isinstance(value, float):
        return f"{value:g}".replace("-", "−")
    return str(value)


def table_of(rows: pd.DataFrame | None) -> dict | None:
    """A frame as its template wants it: column names, rows of texts, which columns hold numbers or long texts."""
    if rows is None:
        return None
    texts = [[cell_text(value) for value in row] for row in rows.itertuples(index=False)]
    numeric = [
        all(is_number(row[k]) for row in texts) and any(row[k][:1] not in "–[" for row in texts) for k in range(rows.shape[1])
    ]
    long = [any(len(row[k]) > 60 for row in texts) for k in range(rows.shape[1])]
    return {"columns": [str(name) for name in rows.columns], "rows": texts, "numeric": numeric, "long": long}


def is_number(text: str) -> bool:
    """Whether a cell reads as a figure: "12", "−0.31", "< .001", "1 of 2", "4.0 to 5.0", "31 (78%; 62 to 88)", "[c]"."""
    return re.fullmatch(r"[−<]? ?\.?\d[\d.,]*%?( (of|to|and) −?[\d.,]+)?( \([^()]*\))?|–|\[.*\]", text) is not None


def wrapped(text: str, width: int = 34) -> str:
    """A label broken into lines, so that it is never cut."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def part_responses(scale: Scale) -> tuple[list[str], list[str], list[str]]:
    """Labels on the low side, in the middle and on the high side: whole bands, and a middle only when they are odd."""
    bands = scale.bands
    half = len(bands) // 2
    sides = (bands[:half], bands[half : len(bands) - half], bands[len(bands) - half :])
    low, middle, high = ([point.label for point in scale.responses if point.band in side] for side in sides)
    return low, middle, high


def response_colours(scale: Scale) -> dict[str, str]:
    """A colour for each point of a scale: low, neutral, high, darker toward the ends."""
    low, middle, high = part_responses(scale)
    colours = dict(zip(low, shades(LOW_COLOURS, len(low)), strict=True)) | dict.fromkeys(middle, NEUTRAL_COLOUR)
    return colours | dict(zip(high, shades(HIGH_COLOURS, len(high)), strict=True))


def band_colours(scale: Scale) -> dict[str, str]:
    """A colour for each band: that of its point farthest from the scale's middle."""
    colours, bands = response_colours(scale), scale.bands
    lowest = {point.band: colours[point.label] for point in reversed(scale.responses)}
    highest = {point.band: colours[point.label] for point in scale.responses}
    return {band: highest[band] if place >= len(bands) / 2 else lowest[band] for place, band in enumerate(bands)}


def shades(ends: list[str], number: int) -> list[str]:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list("ramp", ends)
    return [to_hex(ramp(k / max(1, number - 1))) for k in range(number)]
