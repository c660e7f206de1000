"""A notebook's page: it numbers, marks, saves and shows figures, tables and sentences."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML

from helpers.page.render import NOTHING, anchor, file_name, render, save, save_csv, table_of, together
from helpers.page.style import picture, use_style
from helpers.page.words import counted, listed
from helpers.study.errors import WorkbookError
from helpers.study.runs import Run
from helpers.study.terms import LEAST_THRESHOLD

# A longer table is folded on screen: a reader opens it to look something up.
LONG_TABLE = 30
BASES = ("joint", "margins", "published", "interviews", "assigned")
AUDIENCES = ("team", "funder")
# Columns of a run's list of contents.
CONTENTS = ["kind", "label", "section", "title", "file", "notes", "rests_on", "alt"]


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
