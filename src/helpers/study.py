"""A study's definition, read and validated: `study.yml`, `codebook.csv`, and where a run keeps its files.

Vocabulary that several rooms share (constructs, scales, response options, the status of an answer) lives here.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import pydantic
import yaml

ANSWERED = "answered"
MISSING = "missing"
NOT_RELEVANT = {
    "role": "not relevant to role",
    "stage": "not relevant at this stage",
    "intervention": "not relevant to the intervention",
}
# What a reader sees in place of a figure that is withheld to protect people: "c" for confidential, the shorthand that the UK's
# Government Analysis Function asks for in tables.
WITHHELD = "[c]"
# The least threshold for a funder: under it a count that is withheld has one possible value or none.
LEAST_THRESHOLD = 3
STATUSES = [ANSWERED, *NOT_RELEVANT.values(), MISSING]

CODEBOOK_COLUMNS = ["item", "column", "section", "construct", "scale", "reversed", "label"]

NOTEBOOKS = [
    "00_summary",
    "01_clean_survey",
    "02_score_nomad",
    "03_compare_groups",
    "04_count_themes",
    "05_join_findings",
    "06_audit_published",
]
# Which notebook writes each table that another one reads; `findings` are its sentences for the summary.
WRITTEN_BY = {
    "respondents": "01_clean_survey",
    "responses": "01_clean_survey",
    "scores": "02_score_nomad",
    "participants": "04_count_themes",
    "segments": "04_count_themes",
} | {f"findings_{name[:2]}": name for name in NOTEBOOKS[1:]}


class WorkbookError(Exception):
    """Something a user can put right; shown as one message, without a traceback.

    Parameters
    ----------
    file : str or Path
        The file (or command) at fault.
    place : str
        Where in it: a key, a row, a column, a cell.
    found, expected, remedy : str
        What stands there, what could stand there, and what to do.
    """

    def __init__(self, file: str | Path, place: str, found: str, expected: str, remedy: str):
        self.file, self.place, self.found, self.expected, self.remedy = shown(file), place, found, expected, remedy
        where = f"{self.file}, {place}" if place else self.file
        super().__init__(f"{where}: found {found}; expected {expected}. To mend it: {remedy}.")

    def _render_traceback_(self) -> list[str]:
        """Jupyter calls this in place of printing a traceback."""
        return [str(self)]


def project_root() -> Path:
    """The folder that holds `data/` and `notebooks/`: the working folder or one above it, else this checkout."""
    here = Path.cwd()
    for folder in [here, *here.parents, Path(__file__).resolve().parents[2]]:
        if (folder / "data").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise WorkbookError(
        here, "", "no folder `data/` beside a folder `notebooks/`", "a copy of the workbook",
        "change to the workbook's folder and try again",
    )  # fmt: skip


def outputs_root() -> Path:
    """Where runs are kept: `outputs/`, unless the pipeline has set a workshop of its own."""
    return Path(os.environ.get("WORKBOOK_OUTPUTS") or project_root() / "outputs")


def shown(path: str | Path) -> str:
    """A path as a reader may see it: relative to the project, never with this machine's folders."""
    path = Path(path)
    for folder in (Path.cwd(), *Path.cwd().parents):
        if path.is_absolute() and path.is_relative_to(folder) and (folder / "notebooks").is_dir():
            return path.relative_to(folder).as_posix()
    return path.as_posix() if not path.is_absolute() else "/".join(path.parts[-3:])


# --- what study.yml may say -------------------------------------------------------------------------------------------


class Part(pydantic.BaseModel):
    """A part of `study.yml`; a key that is not named here is an error, since a misspelt key would be ignored."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Response(Part):
    """One point of a scale: its label, score, the band it is published in, and its code in a numeric export."""

    label: str
    value: float
    band: str
    code: str | None = None


class NotRelevantOption(Part):
    """An answer that says an item does not apply, and to what it does not apply."""

    label: str
    kind: Literal["role", "stage", "intervention"]
    code: str | None = None

    @property
    def status(self) -> str:
        return NOT_RELEVANT[self.kind]


class Scale(Part):
    """A response scale: its points from the lowest score to the highest, and its not-relevant options."""

    responses: Annotated[list[Response], pydantic.Field(min_length=2)]
    not_relevant: list[NotRelevantOption] = []

    @pydantic.model_validator(mode="after")
    def points_rise_and_differ(self) -> Scale:
        values = [response.value for response in self.responses]
        if values != sorted(set(values)):
            raise ValueError("responses must run from the lowest value to the highest, each value once")
        options = [*self.responses, *self.not_relevant]
        labels = [option.label.strip().casefold() for option in options]
        codes = [option.code for option in options if option.code is not None]
        if len(set(labels)) < len(labels) or len(set(codes)) < len(codes):
            raise ValueError("each label and each code may stand once")
        if codes and len(codes) < len(options):
            raise ValueError("either every option has a code or none has")
        return self

    @property
    def labels(self) -> list[str]:
        return [response.label for response in self.responses]

    @property
    def bands(self) -> list[str]:
        return list(dict.fromkeys(response.band for response in self.responses))

    @property
    def lowest(self) -> float:
        return self.responses[0].value

    @property
    def highest(self) -> float:
        return self.responses[-1].value


class Construct(Part):
    """What some of the items measure together; `scored: false` for items that are reported one by one."""

    label: str
    gist: str = ""
    scored: bool = True


class Grouping(Part):
    """A way of dividing respondents: a column of the export and its levels in the order of display.

    `groups` merges levels in the funder's edition, where groups under the threshold are not shown.
    """

    label: str
    column: str
    levels: Annotated[list[str], pydantic.Field(min_length=1)]
    ordered: bool = False
    groups: dict[str, list[str]] = {}

    @pydantic.model_validator(mode="after")
    def levels_differ(self) -> Grouping:
        if len({level.casefold() for level in self.levels}) < len(self.levels):
            raise ValueError("each level may stand once")
        return self


class Invited(Part):
    """How many people were invited, and (when known) how they divide by a grouping's levels."""

    number: Annotated[int, pydantic.Field(gt=0)]
    approximate: bool = False
    margins: dict[str, dict[str, int]] = {}


class Consent(Part):
    """The consent question; respondents who did not give `response` are excluded and counted."""

    column: str
    response: str


class Simulated(Part):
    """What of the survey is made up: shown as a banner and at every figure that rests on it."""

    banner: str
    margins: str
    joint: str


class Survey(Part):
    """The survey: an export per wave, the groupings of respondents, who was invited."""

    files: Annotated[dict[str, str], pydantic.Field(min_length=1)]
    groupings: dict[str, Grouping] = {}
    invited: Invited | None = None
    consent: Consent | None = None
    link_column: str | None = None
    simulated: Simulated | None = None

    @property
    def merges(self) -> dict[str, dict[str, list[str]]]:
        """Grouping → its merged levels, for the funder's edition."""
        return {name: grouping.groups for name, grouping in self.groupings.items()}


class Attribute(Part):
    """Something known of each participant: a column of the participants' file and its levels in display order."""

    label: str
    levels: Annotated[list[str], pydantic.Field(min_length=1)]
    groups: dict[str, list[str]] = {}
    simulated: bool = False


class Interviews(Part):
    """The interviews: participants, coded segments, and what the segments' text is."""

    participants: str
    segments: str
    codes: str | None = None
    transcripts: str | None = None
    attributes: dict[str, Attribute] = {}
    text_is: Literal["words", "gist"] = "words"
    note: str = ""
    simulated: str | None = None

    @property
    def merges(self) -> dict[str, dict[str, list[str]]]:
        """Attribute → its merged levels, for the funder's edition."""
        return {name: attribute.groups for name, attribute in self.attributes.items()}


class Joint(Part):
    """The analyst's own reading: a judgement for each construct, and the evidence behind each recommendation."""

    judgements: str | None = None
    evidence: str | None = None
    note: str = ""


class Published(Part):
    """Tables of a published report, each as printed; any may be left out.

    `responded` is the most people who can have answered an item; `totals` are numbers of people that the text gives;
    `names` are what the report calls its tables (items: Table 5). `claims` are figures of its prose, `relations` claims
    among published figures, in the form that `helpers.claims.check_claims` reads; `live_claims` are claims of a report
    being written, in the same form, held against this run's own values.
    """

    source: str
    responded: Annotated[int, pydantic.Field(gt=0)]
    totals: dict[str, int] = {}
    names: dict[str, str] = {}
    items: str | None = None
    respondents: str | None = None
    participants: str | None = None
    claims: str | None = None
    relations: str | None = None
    live_claims: str | None = None
    recommendations: str | None = None


class Sharing(Part):
    """What may leave the team.

    `quotations` names a CSV file with a column `segment`: the texts of interviews that the team has approved for a funder;
    none is shown without it. `allowed` are words that the scan of a package passes although the raw data hold them as a
    name, such as a surname that is also a place.
    """

    quotations: str | None = None
    allowed: list[str] = []


class Definition(Part):
    """All that `study.yml` says."""

    title: str
    practice: str
    about: str
    citation: str = ""
    scales: dict[str, Scale] = {}
    constructs: dict[str, Construct] = {}
    survey: Survey | None = None
    interviews: Interviews | None = None
    joint: Joint | None = None
    published: Published | None = None
    sharing: Sharing = Sharing()


# --- a study and its runs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Study:
    """One evaluation: its folder, what `study.yml` says, and the codebook.

    Attributes
    ----------
    name : str
        The folder's name.
    folder : Path
        Read only; nothing is ever written here.
    definition : Definition
    codebook : DataFrame
        Columns `item, column, section, construct, scale, reversed, label`, one row an item in questionnaire order;
        `reversed` is bool. Empty when the study has no survey.
    """

    name: str
    folder: Path
    definition: Definition
    codebook: pd.DataFrame

    @property
    def survey(self) -> Survey:
        return self.part("survey")

    @property
    def interviews(self) -> Interviews:
        return self.part("interviews")

    @property
    def published(self) -> Published:
        return self.part("published")

    def part(self, name: str) -> Part:
        """A part of the study, or a message that this study has none."""
        part = getattr(self.definition, name)
        if part is None:
            raise WorkbookError(
                self.folder / "study.yml", "", f"no part `{name}`", "one, since this notebook works on it",
                f"add `{name}:` to study.yml, or leave this notebook out",
            )  # fmt: skip
        return part

    @property
    def constructs(self) -> dict[str, Construct]:
        return self.definition.constructs

    @property
    def scales(self) -> dict[str, Scale]:
        return self.definition.scales

    @property
    def scored_constructs(self) -> dict[str, Construct]:
        """Constructs that get a score, in display order: those marked so that have an item."""
        used = set(self.codebook["construct"])
        return {key: construct for key, construct in self.constructs.items() if construct.scored and key in used}

    @property
    def scored_items(self) -> pd.DataFrame:
        """The codebook's rows whose construct gets a score."""
        return self.codebook[self.codebook["construct"].isin(list(self.scored_constructs))]

    def items_on(self, scale: str) -> pd.DataFrame:
        """The codebook's rows on one scale."""
        return self.codebook[self.codebook["scale"] == scale]

    @property
    def used_scales(self) -> dict[str, Scale]:
        """Scales that an item uses, in questionnaire order."""
        return {name: self.scales[name] for name in dict.fromkeys(self.codebook["scale"])}

    def scale_of(self, item: str) -> Scale:
        return self.scales[self.items.loc[item, "scale"]]

    @property
    def score_limits(self) -> tuple[float, float]:
        """The lowest and highest score that a scored construct can have."""
        scales = [self.scales[name] for name in self.scored_items["scale"].unique()]
        return min(scale.lowest for scale in scales), max(scale.highest for scale in scales)

    @property
    def item_names(self) -> pd.Series:
        """Item → how a reader sees it: "D2 Disrupts working relationships (negatively worded)"."""
        names = self.codebook["item"] + " " + self.codebook["label"]
        names = names + self.codebook["reversed"].map({True: " (negatively worded)", False: ""})
        return names.set_axis(self.codebook["item"])

    def construct_name(self, key: str) -> str:
        """How a reader sees a construct; a key that is none (such as all items together) is its own name."""
        return self.constructs[key].label if key in self.constructs else key.capitalize()

    @cached_property
    def items(self) -> pd.DataFrame:
        """The codebook, indexed by item."""
        return self.codebook.set_index("item")

    def file(self, relative: str) -> Path:
        """A file of the study; it must exist and lie inside the study's folder."""
        path = (self.folder / relative).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise WorkbookError(
                self.folder / "study.yml", f"file {relative}", "a path that leads out of the study's folder",
                "a file inside it", "copy the file into the study's folder and name it there",
            )  # fmt: skip
        if not path.is_file():
            raise WorkbookError(
                self.folder / "study.yml", f"file {relative}", "no such file", "a file in the study's folder",
                f"put the file at {shown(self.folder / relative)} or correct its name in study.yml",
            )  # fmt: skip
        return path


def read_study(name: str) -> Study:
    """Read and validate `data/<name>/`.

    Raises
    ------
    WorkbookError
        For a missing study, an unknown key or unusable value in `study.yml`, a codebook at odds with it, or a file
        that `study.yml` names and the folder lacks.
    """
    data = project_root() / "data"
    folder = data / name
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or not (folder / "study.yml").is_file():
        known = sorted(path.parent.name for path in data.glob("*/study.yml"))
        raise WorkbookError(
            data, f"study {name!r}", "no folder of that name with a study.yml",
            "one of: " + (", ".join(known) or "(there is none yet)"), "correct the name, or add the study's folder",
        )  # fmt: skip
    definition = read_definition(folder / "study.yml")
    wanted = definition.survey or (definition.published and definition.published.items)
    codebook = read_codebook(folder / "codebook.csv", definition) if wanted else no_codebook()
    study = Study(name, folder, definition, codebook)
    if definition.survey and study.scored_items.empty:
        raise WorkbookError(
            folder / "codebook.csv", "column construct", "no item of a construct that gets a score", "at least one",
            "give items a construct of study.yml that is not `scored: false`",
        )  # fmt: skip
    for part in ("survey", "interviews", "joint", "published", "sharing"):
        named_files(study, part)
    return study


def named_files(study: Study, part: str) -> list[Path]:
    """The files that a part of `study.yml` names, codebook included; each must exist. None when the study lacks it."""
    definition = study.definition
    names: list[str | None] = []
    if part == "survey" and definition.survey:
        names = ["codebook.csv", *definition.survey.files.values()]
    elif part == "interviews" and (interviews := definition.interviews):
        names = [interviews.participants, interviews.segments, interviews.codes, *list_transcripts(study)]
    elif part == "joint" and (joint := definition.joint):
        names = [joint.judgements, joint.evidence]
    elif part == "published" and (published := definition.published):
        names = [
            published.items,
            published.respondents,
            published.participants,
            published.claims,
            published.relations,
            published.live_claims,
        ]
        names += [published.recommendations]
    elif part == "sharing":
        names = [definition.sharing.quotations]
    return [study.file(name) for name in names if name]


class _UniqueKeys(yaml.SafeLoader):
    """YAML as usual, except that a key given twice is an error and not silently the last one."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for (key_node, _), key in zip(node.value, keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} twice", key_node.start_mark)
        return super().construct_mapping(node, deep)


def list_transcripts(study: Study) -> list[str]:
    """The files of `interviews.transcripts`, which names one file or a folder of them."""
    named = study.interviews.transcripts
    if named is None or not (study.folder / named).is_dir():
        return [named] if named else []
    return sorted(path.relative_to(study.folder).as_posix() for path in (study.folder / named).iterdir() if path.is_file())


def read_definition(path: Path) -> Definition:
    """Read `study.yml`; every problem is a `WorkbookError` that names the key."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), _UniqueKeys)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        found = getattr(error, "problem", None) or "text that is not UTF-8"
        raise WorkbookError(path, place, found, "YAML in UTF-8", "correct that line") from None
    if not isinstance(content, dict):
        raise WorkbookError(path, "", "no keys", "at least title, practice and about", "see data/README.md")
    try:
        definition = Definition.model_validate(content)
    except pydantic.ValidationError as error:
        # A misspelt key also leaves its right spelling missing: the misspelling is the thing to tell.
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        raise _explain(path, problems[0]) from None
    for name, grouping in (definition.survey.groupings if definition.survey else {}).items():
        if not name.isidentifier() or name in {"respondent", "wave", "item", "construct", "link"}:
            raise WorkbookError(
                path, f"survey.groupings.{name}", f"the name {name!r}", "one word that no column has yet",
                f"name it otherwise, {grouping.label.lower().replace(' ', '_')!r} for example",
            )  # fmt: skip
    invited = definition.survey.invited if definition.survey else None
    for name in invited.margins if invited else {}:
        if name not in definition.survey.groupings:
            raise WorkbookError(
                path, f"survey.invited.margins.{name}", "no grouping of that name",
                "one of " + ", ".join(definition.survey.groupings), "correct the name",
            )  # fmt: skip
    return definition


def _explain(path: Path, error: dict) -> WorkbookError:
    place = "at " + ".".join(str(step) for step in error["loc"])
    if error["type"] == "extra_forbidden":
        parent: type[pydantic.BaseModel] | None = Definition
        known = _keys_at(parent, error["loc"][:-1])
        return WorkbookError(
            path, place, f"the unknown key {error['loc'][-1]!r}",
            f"one of {', '.join(known)}" if known else "a key that the workbook knows",
            "correct its spelling or take it out",
        )  # fmt: skip
    if error["type"] == "missing":
        return WorkbookError(path, place, "nothing", "a value for this key", "add the key; data/README.md describes each")
    found = repr(error["input"])[:80]
    message = error["msg"].removeprefix("Value error, ")
    return WorkbookError(path, place, found, message[0].lower() + message[1:], "correct the value of this key")


def _keys_at(model: type[pydantic.BaseModel], steps: tuple) -> list[str]:
    """The keys known at a place of `study.yml`, by following the models' annotations."""
    here: object = model
    for step in steps:
        fields = getattr(here, "model_fields", None)
        if fields and step in fields:
            here = fields[step].annotation
        parts = [part for part in getattr(here, "__args__", ()) if hasattr(part, "model_fields")]
        here = parts[-1] if parts else here
    return list(getattr(here, "model_fields", {}))


def no_codebook() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="bool" if name == "reversed" else "str") for name in CODEBOOK_COLUMNS})


def read_codebook(path: Path, definition: Definition) -> pd.DataFrame:
    """Read `codebook.csv`: one row an item, in questionnaire order; see `Study.codebook`.

    Raises
    ------
    WorkbookError
        For a missing file or column, an empty cell, an item named twice, a construct or scale that `study.yml` does
        not define, or a `reversed` that is neither yes nor no.
    """
    codebook = read_csv(path, CODEBOOK_COLUMNS)
    for column in CODEBOOK_COLUMNS:
        for row, value in codebook[column].items():
            if not value:
                raise WorkbookError(path, f"row {row + 2}, column {column}", "an empty cell", "a value", "fill it in")
    allowed = {
        "construct": list(definition.constructs),
        "scale": list(definition.scales),
        "reversed": ["yes", "no"],
    }
    for column, values in allowed.items():
        for row, value in codebook[column].items():
            if value not in values:
                raise WorkbookError(
                    path, f"row {row + 2}, column {column}", repr(value), "one of " + ", ".join(values),
                    "correct it here" + ("" if column == "reversed" else ", or define it in study.yml"),
                )  # fmt: skip
    for column in ("item", "column"):
        for row, value in codebook[column][codebook[column].duplicated()].items():
            raise WorkbookError(
                path, f"row {row + 2}, column {column}", f"{value!r} a second time", "each once", "take out one row"
            )
    return codebook.assign(reversed=codebook["reversed"].eq("yes"))


def read_csv(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read a small CSV of a study as text, blanks as empty strings, and check that it has the columns it needs."""
    if not path.is_file():
        raise WorkbookError(path, "", "no such file", "a CSV file", "put it there, or correct its name")
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise WorkbookError(
            path, "", str(error).splitlines()[0], "a CSV file in UTF-8, every row as long as its header",
            "save it again as CSV (UTF-8)",
        ) from None  # fmt: skip
    if len(frame.columns) == 1 and ";" in frame.columns[0]:
        raise WorkbookError(
            path, "header", "one column with semicolons in it", "columns parted by commas", "save it as CSV with commas"
        )
    frame = frame.rename(columns=str.strip).apply(lambda column: column.str.strip())
    for column in columns:
        if column not in frame:
            raise WorkbookError(
                path, "header", ", ".join(frame.columns), f"a column {column!r}", "add the column or correct its name"
            )
    return frame


@dataclass(frozen=True)
class Run:
    """One set of parameter values over a study, and the folder that keeps what came out of it."""

    study: Study
    label: str
    folder: Path

    def read(self, name: str) -> pd.DataFrame:
        """A table that another notebook handed on; a clear message when that notebook has not run yet."""
        path = self.folder / "data" / f"{name}.parquet"
        if not path.is_file():
            writer = WRITTEN_BY[name]
            raise WorkbookError(
                f"outputs/{self.study.name}/{self.label}", f"table `{name}`", "nothing yet",
                f"what notebook {writer} writes",
                f"run notebooks/{writer}.ipynb first, or all of them with `workbook run {self.study.name}`",
            )  # fmt: skip
        return pd.read_parquet(path)

    def has(self, name: str) -> bool:
        """Whether another notebook has handed this table on."""
        return (self.folder / "data" / f"{name}.parquet").is_file()

    def save(self, name: str, table: pd.DataFrame) -> None:
        """Hand a table on to the notebooks that follow."""
        path = self.folder / "data" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        table.to_parquet(partial, index=False)
        os.replace(partial, path)


def open_run(study: str, run: str = "default") -> Run:
    """Read a study and open (or begin) one of its runs.

    Parameters
    ----------
    study : str
        The name of a folder under `data/`.
    run : str
        The run's label: letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
    """
    check_label(run)
    return Run(read_study(study), run, outputs_root() / study / run)


def check_label(run: str) -> None:
    """A run's label becomes a folder's name, so it must not lead anywhere else."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", run):
        raise WorkbookError(
            "run", "label", repr(run), "letters, digits, - _ . beginning with a letter or digit", "choose another label"
        )
