"""A notebook's page: it numbers, marks, saves and shows figures, tables and sentences.

A notebook gives it frames, and functions that draw or word them; the page calls them. So whatever a funder sees is made
from `Told` frames alone: the functions are given nothing else.
"""

import inspect
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import matplotlib.pyplot as plt
import pandas as pd

from helpers.disclosure.releases import REPEATED, Rules
from helpers.disclosure.told import Told, mask_of, unwrap
from helpers.page.render import Shown, anchor, file_name, render, save_csv
from helpers.page.style import encode, figure_of, picture, use_style
from helpers.page.tables import lay_out, rows_of, trim_rows
from helpers.page.words import counted, listed, say_moved, shorten, span, split_claim
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.folders import save
from helpers.study.parameters import check_own
from helpers.study.runs import CONTENTS, FINDINGS, Run, open_run
from helpers.study.terms import LEAST_THRESHOLD, WITHHELD
from helpers.survey.favour import move_favourable

# A longer table is folded on screen: a reader opens it to look something up.
LONG_TABLE = 30
BASES = ("joint", "margins", "bands", "published", "interviews", "assigned")
# Results on these carry a sign if the study says that they are made up, since published figures do not fix them.
MADE_UP, SIGN = ("joint", "assigned"), "\u25c7"
# What is made up begins with these words, in prose and pictures, for those who do not know the sign.
LEAD = "Simulated, not a finding"
Frame, Draw, Words = pd.DataFrame | Told, Callable[..., object], str | Callable[..., str]


@dataclass
class Page:
    """What one notebook shows and saves; it numbers figures and tables ("Figure 3.1") and marks what is simulated.

    The `team` sees everything, and its `threshold` is 0. For a `funder` only what is `Told` is shown or saved: no cell in it
    counts fewer than `threshold` people. Other figures and tables keep their numbers, and a line in their place says that
    they stay with the team.

    Every figure, table and sentence names its `basis`: `joint` (rests on how a respondent's answers go together),
    `margins` (counts per item or group alone), `bands` (counts per band of a scale: `margins`, or `joint` if the analyst has
    moved the bands, which published figures then do not fix), `published` (figures as printed), `interviews`, or `assigned`
    (attributes that were assigned to participants). If the study says that a basis is simulated or rebuilt, a mark is shown
    beside the result, in its picture and in its saved table. The default is the most cautious, `joint`.
    """

    run: Run
    notebook: int
    audience: str = "team"
    threshold: int = 5
    agree_from: int = 0
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    findings: dict[str, dict] = field(default_factory=dict)
    contents: dict[str, dict] = field(default_factory=dict)
    noted: int = -1

    def __post_init__(self) -> None:
        if self.audience not in ("team", "funder"):
            raise WorkbookError("parameters", "audience", repr(self.audience), "team or funder", "correct the parameter")
        if self.audience == "team":
            self.threshold = 0
        elif self.threshold < LEAST_THRESHOLD:
            expected = f"{LEAST_THRESHOLD} or more for a funder"
            raise WorkbookError("parameters", "threshold", str(self.threshold), expected, "set it to 5, for example")
        else:
            self.threshold = Rules(self.threshold, self.study)

    @cached_property
    def study(self) -> Study:
        """The run's study, with bands as the analyst asks for them."""
        return move_favourable(self.run.study, self.agree_from)

    def read(self, *names: str) -> pd.DataFrame | list[pd.DataFrame]:
        """Tables that other notebooks saved: one frame for one name, otherwise a list in the order of the names."""
        frames = [self.run.read(name) for name in names]
        return frames if len(frames) > 1 else frames[0]

    def save(self, name: str, table: pd.DataFrame) -> None:
        """Save a tidy table for the notebooks that follow; only `close` keeps sentences and lists of contents."""
        if name.startswith(("findings_", "contents_", "told_")):
            raise WorkbookError("page.save", "name", repr(name), "a name of your own", "let `page.close()` keep what was said")
        self.run.save(name, table)

    def tells(self, data: Sequence[object], options: Iterable[object] = ()) -> bool:
        """Whether a result made from `data` may be shown: always to the team, to a funder if all of it is `Told`.

        The study's own definition holds nothing about people. A result made from nothing at all is not shown, since nobody can
        know where its words come from. Nor is one with a frame among its options, which are for settings.
        """
        if self.audience == "team":
            return True
        tolds = [part for part in data if isinstance(part, Told)]
        untold = [part for part in data if not isinstance(part, Told | Study)]
        untold += [value for value in options if not is_setting(value)]
        # Everything that is shown passes through here, and is noted for the ledger of releases.
        if len(self.threshold.made) != self.noted:
            self.run.save(f"told_{self.notebook:02d}", self.threshold.kept())
            self.noted = len(self.threshold.made)
        return bool(data) and not untold and all(part.threshold >= self.threshold for part in tolds)

    def settle_basis(self, basis: str) -> str:
        if basis not in BASES:
            raise ValueError(f"basis must be one of {BASES}, not {basis!r}")
        return basis if basis != "bands" else "joint" if self.study.scales != self.run.study.scales else "margins"

    def note_on(self, basis: str) -> str:
        """What a reader must know about results on this basis; empty for respondents' own answers."""
        definition = self.study.definition
        if basis in ("joint", "margins") and definition.survey and definition.survey.simulated:
            return getattr(definition.survey.simulated, basis).strip()
        if basis == "assigned" and definition.interviews:
            return (definition.interviews.simulated or "").strip()
        return ""

    def mark_on(self, basis: str) -> str:
        """What the sign beside a result says; empty if published figures fix it, or nothing is made up."""
        return self.note_on(basis) if basis in MADE_UP else ""

    def lead_on(self, basis: str) -> str:
        """The opening words of a sentence, caption or alternative text that carries the sign."""
        return f"{LEAD}. " if self.mark_on(basis) else ""

    def label(self, kind: str, key: str) -> str:
        """The number of a figure or table; the same key keeps its number when a cell is run again."""
        taken = [entry for entry in self.numbers if entry[0] == kind]
        return f"{kind} {self.notebook}.{self.numbers.setdefault((kind, key), len(taken) + 1)}"

    def figure(
        self, draw: Draw, *data: Frame | Study, key: str, title: Words, alt: Words, subtitle: Words = "", basis: str = "joint",
        behind: Frame | None = None, columns: Sequence[str] = (), across: str = "", labels: Mapping[str, str] | None = None,
        groups: str = "", **options: object,
    ) -> Shown:  # fmt: skip
        """Draw, number, mark, save (SVG; for a funder also PNG) and show a figure, with a separate drawing for phones.

        Parameters
        ----------
        draw : callable
            Takes the frames of `data` and the `options` (settings such as a limit), and returns its matplotlib axes.
        data : DataFrame, Told or Study
            What is drawn. A funder sees the figure only if all frames are `Told`.
        key : str
            A word or two for the file's name, unique among the notebook's figures.
        title, subtitle, alt : str or callable
            The finding; what is counted, of whom, when; what the figure shows, for those who cannot see it. Each is a string,
            or a function of the same data and options.
        behind : DataFrame or Told, optional
            The numbers behind it, shown in a fold and saved as CSV; by default the first frame of `data` that has rows. They
            are laid out by `columns`, `across`, `labels` and `groups`; see `tables.lay_out`.
        """
        key, label, basis = file_name(key), self.label("Figure", file_name(key)), self.settle_basis(basis)
        frames = [part for part in (*data, behind) if not isinstance(part, Study | None)]
        told = self.tells([*data, *frames], options.values())
        if missing := self.explain_missing(told, frames, label, title):
            return missing
        if behind is None:
            behind = next(part for part in frames if len(unwrap(part)))
        title, subtitle, alt = (
            words if isinstance(words, str) else words(*map(unwrap, data), **options) for words in (title, subtitle, alt)
        )
        mark, file = self.mark_on(basis), f"figures/{self.notebook:02d}_{key}"
        # The drawing for a desk comes last, so that the settings that it was made with still hold afterwards.
        narrow, wide = (self.draw(draw, data, options, mark, narrow) for narrow in (True, False))
        pictures = [picture(drawn, "svg") for drawn in (narrow, wide)]
        save(self.run.folder / f"{file}.svg", pictures[-1])
        if self.audience == "funder":
            save(self.run.folder / f"{file}.png", picture(wide, "png"))
        plt.close("all")
        lead = self.lead_on(basis)
        alt = lead + alt
        self.list_content("Figure", label, title, f"{file}.svg", basis, alt=alt)
        notes = self.save_table("Figure data", behind, f"{key}_data", label, f"Numbers behind {label}: {title}", basis)
        rows = rows_of(lay_out(unwrap(behind), self.study, columns, across, labels, mask_of(behind), groups))
        return render(
            "figure", told, anchor=anchor(label), label=label, caption=title, subtitle=subtitle, alt=alt, mark=mark,
            lead=lead, basis=basis, pictures=list(map(encode, pictures)), small=wide.get_size_inches()[0] < 5, data=rows,
            notes="".join(notes.partition(REPEATED)[1:]),
        )  # fmt: skip

    def draw(self, draw: Draw, data: Sequence[object], options: Mapping, mark: str, narrow: bool) -> plt.Figure:
        """One drawing; a made-up one carries a mark, since pictures are passed on without their page."""
        # Nothing from a drawing that is still open may end up in this one.
        plt.close("all")
        use_style(narrow)
        drawn = figure_of(draw(*map(unwrap, data), **options))
        if mark:
            drawn.text(0.5, -0.02, f"{SIGN} {LEAD}", ha="center", va="top", color="#555555", fontsize=8)
        return drawn

    def table(
        self, data: Frame, key: str, title: str, columns: Sequence[str] = (), across: str = "",
        labels: Mapping[str, str] | None = None, notes: str = "", basis: str = "joint", on_page: Frame | None = None,
        groups: str = "", folded: bool = False,
    ) -> Shown:  # fmt: skip
        """Number, mark, save (CSV, the frame as it is, with all its columns) and show a table.

        `data` is a tidy frame: one value in each cell, under names of `columns.csv`; a funder sees it only if it is `Told`.
        `on_page`, if given, is shown on the page instead, for example with several names in a cell, and `notes` below it. A
        `folded` table is one closed line until a reader opens it, and so is every long one. The others are as for `figure`.
        """
        key, label, basis = file_name(key), self.label("Table", file_name(key)), self.settle_basis(basis)
        seen = data if on_page is None else on_page
        told = self.tells([data, seen])
        if missing := self.explain_missing(told, [data], label, title):
            return missing
        notes = self.save_table("Table", data, key, label, title, basis, notes)
        rows = lay_out(unwrap(seen), self.study, columns, across, labels, mask_of(seen), groups)
        rows, left_out = trim_rows(rows, f"tables/{self.notebook:02d}_{key}.csv")
        notes = " ".join(filter(None, [notes, left_out]))
        return render(
            "table", told, anchor=anchor(label), label=label, caption=title, mark=self.mark_on(basis), basis=basis, notes=notes,
            data=rows_of(rows), folded=folded or len(rows) > LONG_TABLE,
        )  # fmt: skip

    def say(self, say: Words, *data: Frame | Study, key: str = "", basis: str = "joint", **options: object) -> Shown:
        """Show a sentence of live numbers.

        With a `key` it is an answer of the whole notebook: the appendix shows it first, and the summary may take it up. It then
        begins with a claim in words, in a separate sentence. A made-up one says so first, but only on the page.

        `say` is a function of the frames of `data` (and of `options`: settings, no figures about people) that returns the
        sentence, or an empty string if there is nothing to say. Nothing shows that a plain string may be told, so it is for
        the team alone, whatever data come with it.
        """
        told = self.audience == "team" or callable(say) and self.tells(data, options.values())
        if not told:
            return Shown("")
        sentence = say if isinstance(say, str) else say(*map(unwrap, data), **options)
        if not sentence:
            return Shown("")
        basis = self.settle_basis(basis)
        note = self.note_on(basis)
        place = anchor(f"finding {self.notebook} {key}") if key else ""
        if key:
            kept = [self.notebook, key, sentence, basis, note, place, self.audience, int(self.threshold)]
            self.findings[key] = dict(zip(FINDINGS, kept, strict=True))
        claim, rest = split_claim(sentence) if key else ("", sentence)
        lead, mark = self.lead_on(basis), self.mark_on(basis)
        return render("sentence", told, anchor=place, lead=lead, claim=claim, rest=rest, mark=mark, basis=basis)

    def tables(self, data: Frame, by: str, key: str, title: str, **options: object) -> Shown:
        """A `table` for each value of the column `by`; the value is added to the key and the title."""
        return self.show_parts("Table", self.table, [data], by, key, title, options)

    def figures(self, draw: Draw, data: Frame, *more: object, by: str, key: str, title: Words, **options: object) -> Shown:
        """A `figure` for each value of the column `by` of the first frame; it is added to the key (and to a plain title)."""
        return self.show_parts("Figure", partial(self.figure, draw), [data, *more], by, key, title, options)

    def show_parts(
        self, kind: str, show: Callable[..., Shown], data: Sequence[object], by: str, key: str, title: Words, options: dict
    ) -> Shown:
        """A figure or table for each value of a column; a single line if none may be told, since values name groups."""
        parts, more = split(data[0], by), data[1:]
        labels = [self.label(kind, file_name(f"{key}_{name}")) for name, _ in parts] or [self.label(kind, file_name(key))]
        # Words are functions of the told frames, as `draw` is.
        settings = [value for name, value in options.items() if name not in ("alt", "subtitle")]
        if missing := self.explain_missing(self.tells(data, settings), data, span(labels[0], labels[-1]), title):
            return missing
        shown = [
            show(part, *more, key=f"{key}_{name}", title=title if callable(title) else f"{title}: {name}", **options)
            for name, part in parts
        ]
        return Shown("\n".join(part.data for part in shown), all(part.told for part in shown))

    def explain_missing(self, told: bool, data: Sequence[object], label: str, title: Words) -> Shown | None:
        """The line that replaces a figure or table that stays with the team, or for which a study has nothing."""
        if told and any(len(unwrap(part)) for part in data if not isinstance(part, Study)):
            return None
        why = f"has nothing {'that may be shown' if self.threshold else 'to show'} here" if told else "stays with the team"
        # A title that is made from figures, or has one in it, may give away what it names.
        named = "" if callable(title) or self.threshold and re.search(r"\d", title) else title
        return render("missing", True, anchor=anchor(label), label=label, title=named, why=why)

    def save_table(self, kind: str, data: Frame, key: str, label: str, title: str, basis: str, notes: str = "") -> str:
        """Save and list a frame as it is; a withheld cell reads `[c]`, and each row of a simulated one says so."""
        rows, note, hidden = unwrap(data), self.note_on(basis), mask_of(data)
        if hidden is not None and hidden.any(axis=None):
            rows = rows.astype(object).mask(hidden, WITHHELD)
        if note:
            rows = rows.assign(rests_on=note)
        file = f"tables/{self.notebook:02d}_{key}.csv"
        save_csv(self.run.folder / file, rows)
        notes = " ".join(filter(None, [notes, data.note if isinstance(data, Told) else ""]))
        self.list_content(kind, label, title, file, basis, notes)
        return notes

    def list_content(self, kind: str, label: str, title: str, file: str, basis: str, notes: str = "", alt: str = "") -> None:
        """Note a file of the run for its list of contents."""
        row = [kind, label, self.notebook, title, file, notes, self.note_on(basis), alt]
        self.contents[file] = dict(zip(CONTENTS, row, strict=True))

    def show_findings(self, findings: pd.DataFrame) -> Shown:
        """Show sentences that other notebooks kept: the claim with one number, and a link to its place on the page.

        A funder sees them only in the summary, which gathers what `close` has kept for this audience.
        """
        rows = findings.to_dict("records")
        rows = [row | {"said": shorten(row["sentence"]), "mark": self.mark_on(row["basis"])} for row in rows]
        return render("findings", self.audience == "team" or self.notebook == 0, rows=rows)

    def show_list(self, list_items: Callable[..., list[str]], *data: Frame | Study) -> Shown:
        """Show a list of sentences, which `list_items` makes from the frames of `data`; nothing if there are none."""
        items = list_items(*map(unwrap, data)) if self.tells(data) else []
        return render("list", True, items=items) if items else Shown("")

    def opening(self, wave: str = "", bases: Sequence[str] = ("margins", "joint")) -> Shown:
        """Say once, for all results, what in this section is made up, which of several waves is shown, and from where answers
        count as favourable if that is not the study's own rule."""
        if isinstance(self.threshold, Rules):
            self.threshold = self.threshold.showing(wave)
        rebuilt = [self.note_on(basis) for basis in bases if basis not in MADE_UP]
        waves = list(self.study.definition.survey.files) if self.study.definition.survey else []
        shown = [say_moved(self.run.study, self.study)]
        if len(waves) > 1 and {"joint", "margins"} & {*bases}:
            shown.insert(0, f"We show wave {wave or waves[-1]} of {listed(waves)}.")
        rebuilt, shown = (" ".join(filter(None, sentences)) for sentences in (rebuilt, shown))
        return render("opening", True, rebuilt=rebuilt, signs=list(filter(None, map(self.mark_on, bases))), shown=shown)

    def close(self) -> Shown:
        """Keep the sentences for the summary and the list of contents, and say what was saved."""
        self.run.save(f"findings_{self.notebook:02d}", pd.DataFrame(list(self.findings.values()), columns=FINDINGS))
        self.run.save(f"contents_{self.notebook:02d}", pd.DataFrame(list(self.contents.values()), columns=CONTENTS))
        if self.study.banner:
            save(self.run.folder / "data" / "SIMULATED.txt", f"{self.study.banner}\n".encode())
        kinds = [row["kind"] for row in self.contents.values()]
        saved = f"{counted(kinds.count('Figure'), 'figure')} and {counted(kinds.count('Table'), 'table')}"
        return Shown(f'<p class="saved">Saved with this notebook: {saved}.</p>')


class SilentPage(Page):
    """A page in one of many runs at once: it saves tables and keeps sentences that have a key, but shows nothing."""

    def pass_over(self, *_data: object, **_options: object) -> Shown:
        return Shown("")

    figure = figures = table = tables = show_findings = show_list = opening = pass_over

    def say(self, *said: object, key: str = "", **options: object) -> Shown:
        return super().say(*said, key=key, **options) if key else Shown("")


def open_page(study: str, run: str, notebook: int, audience: str = "team", threshold: int = 5, agree_from: int = 0) -> Page:
    """Open (or begin) a run of a study for one of its notebooks; the values are the notebook's own parameters.

    All parameters of the notebook are checked with the values that they have when it calls this.
    """
    opened = open_run(study, run)
    check_own(opened.study, notebook, inspect.currentframe().f_back.f_globals)
    kind = SilentPage if os.environ.get("WORKBOOK_SILENT") else Page
    return kind(opened, notebook, audience, threshold, agree_from)


def split(data: Frame, by: str) -> list[tuple[str, Frame]]:
    """The rows of each value of a column, in order of appearance; of a categorical in its order, even values without rows.

    So tables and figures keep their numbers even if nothing about a value may be told.
    """
    column = unwrap(data)[by]
    names = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column.dropna().unique()
    if isinstance(data, Told):
        return [(str(name), data.keep(lambda frame, name=name: frame[by] == name)) for name in names]
    return [(str(name), data[column == name]) for name in names]


def is_setting(value: object) -> bool:
    """Whether a value is a string, a number or a few of them, and not a frame."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else None
    return isinstance(value, str | int | float | bool | None) if parts is None else all(isinstance(part, str) for part in parts)
