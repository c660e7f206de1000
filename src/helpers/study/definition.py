"""Models of what `study.yml` may contain, and the study that the other modules use."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import pandas as pd
import pydantic

from helpers.study.errors import WorkbookError, shown_path, suggest
from helpers.study.parts import Part, describe, labelled_once, stand_once, wrong
from helpers.study.terms import MISSING, NOT_RELEVANT


def check_name(name: str) -> str:
    taken = ("respondent", "wave", "item", "construct", "link", "items_answered", "duration_seconds")
    if not name.isidentifier() or name in taken:
        raise wrong(repr(name), f"one word, and none of {', '.join(taken)}, which are names of our columns")
    return name


def name_once(files: dict[str, str]) -> dict[str, str]:
    """Each file belongs to one wave."""
    if twice := [file for file in files.values() if list(files.values()).count(file) > 1]:
        raise wrong(f"{twice[0]} for two waves", "a file for each wave")
    return files


People = Annotated[int, pydantic.Field(ge=0)]
Name = Annotated[str, pydantic.AfterValidator(check_name)]
Levels = Annotated[list[str], pydantic.Field(min_length=1), pydantic.AfterValidator(stand_once)]


class Response(Part):
    """One point of a scale: its label, its score, the band in which it is published, and its code in a numeric export."""

    label: str
    value: pydantic.FiniteFloat
    band: str
    code: str | None = None


class NotRelevantOption(Part):
    """An answer that says that an item does not apply, and why; or an option that is not an answer (`missing`)."""

    label: str
    kind: Literal["role", "stage", "intervention", "missing"]
    code: str | None = None

    @property
    def status(self) -> str:
        return NOT_RELEVANT.get(self.kind, MISSING)


class Scale(Part):
    """A response scale: its points from the lowest score to the highest, and its "not relevant" options."""

    responses: Annotated[list[Response], pydantic.Field(min_length=2)]
    not_relevant: list[NotRelevantOption] = []

    @pydantic.model_validator(mode="after")
    def points_rise_and_differ(self) -> Self:
        values = [response.value for response in self.responses]
        if values != sorted(set(values)):
            found = "the values " + ", ".join(f"{value:g}" for value in values)
            raise wrong(found, "responses from the lowest value to the highest, each value once")
        options = [*self.responses, *self.not_relevant]
        stand_once([option.label for option in options])
        codes = {option.code for option in options}
        if codes != {None} and (None in codes or len(codes) < len(options)):
            found = "the codes " + ", ".join(option.code or "(none)" for option in options)
            raise wrong(found, "a different code for every option, or no codes")
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
    """Something that several items measure together; `scored: false` for items that are reported one by one."""

    label: str
    gist: str = ""
    scored: bool = True


class Levelled(Part):
    """Its levels are in display order, as labels, or as `{label: Nurse, code: 1}` if the file has codes.

    `groups` merges levels in the funder's edition, which does not show groups under the threshold.
    """

    label: str
    levels: Levels
    # The codes that the file uses for levels, taken from `levels`.
    codes: Annotated[dict[str, str], pydantic.Field(exclude=True)] = {}
    groups: dict[str, list[str]] = {}

    @pydantic.model_validator(mode="before")
    @classmethod
    def part_codes(cls, said: object) -> object:
        levels = said.get("levels") if isinstance(said, dict) else None
        coded = [level for level in levels if isinstance(level, dict)] if isinstance(levels, list) else []
        if odd := [level for level in coded if set(level) != {"label", "code"}]:
            raise wrong(f"a level with {describe(odd[0])}", "levels as labels, or each as {label: Nurse, code: 1}")
        if not coded:
            return said
        codes = {str(level["code"]): level["label"] for level in coded}
        labels = [level["label"] if isinstance(level, dict) else level for level in levels]
        if len(codes) < len(coded) or codes.keys() & {label for label in labels if label not in codes.values()}:
            raise wrong("the codes " + ", ".join(str(level["code"]) for level in coded), "a different code for each level")
        return said | {"levels": labels, "codes": codes}

    @pydantic.model_validator(mode="after")
    def merge_known_levels(self) -> Self:
        merged = [level for levels in self.groups.values() for level in levels]
        if odd := [level for level in merged if level not in self.levels or merged.count(level) > 1]:
            raise wrong(f"{odd[0]!r} in groups", f"each level once: {', '.join(self.levels)}")
        return self


class Grouping(Levelled):
    """A way to divide respondents into groups: a column of the export."""

    column: str
    ordered: bool = False


class Invited(Part):
    """How many people were invited, and (if known) how many at each level of a grouping."""

    number: Annotated[int, pydantic.Field(gt=0)]
    approximate: bool = False
    margins: dict[str, dict[str, People]] = {}


class Consent(Part):
    """The consent question; respondents who did not answer `response` are excluded and counted."""

    column: str
    response: str


class Simulated(Part):
    """Text about which parts of the survey are made up, shown in a banner and with every result that depends on them."""

    banner: str
    margins: str
    joint: str


class Survey(Part):
    """An export for each wave, groupings, the people invited, a file of earlier studies, questions with written answers
    (`free_text`), and a table that codes these answers (`segments`; leave it out if the interviews' segments include them).
    """

    files: Annotated[dict[str, str], pydantic.Field(min_length=1), pydantic.AfterValidator(name_once)]
    groupings: Annotated[dict[Name, Grouping], pydantic.AfterValidator(labelled_once)] = {}
    invited: Invited | None = None
    consent: Consent | None = None
    link_column: str | None = None
    free_text: dict[str, str] = {}
    segments: str | None = None
    earlier: str | None = None
    simulated: Simulated | None = None

    @pydantic.model_validator(mode="after")
    def margins_are_of_groupings(self) -> Self:
        if self.invited and (unknown := self.invited.margins.keys() - self.groupings):
            raise wrong(f"margins of {min(unknown)}", f"margins of {', '.join(self.groupings) or 'no grouping'}", "invited")
        for name, margin in self.invited.margins.items() if self.invited else ():
            if unknown := margin.keys() - self.groupings[name].levels:
                levels = ", ".join(self.groupings[name].levels)
                raise wrong(f"margins of {min(unknown)!r}", f"margins of the levels of {name}: {levels}", "invited")
        return self


class Attribute(Levelled):
    """Something that we know about each participant: a column of the participants' file."""

    simulated: bool = False


class Interviews(Part):
    """The interviews: participants, coded segments, and whether the segments' text is verbatim or a gist (`text_is`).

    `sessions` says how people took part ("8 in 2 groups, 2 alone") if the segments' sources do not show it.
    """

    participants: str
    segments: str
    codes: str | None = None
    transcripts: str | None = None
    attributes: Annotated[dict[str, Attribute], pydantic.AfterValidator(labelled_once)] = {}
    text_is: Literal["words", "gist"] = "words"
    sessions: str = ""
    note: str = ""
    simulated: str | None = None


class Joint(Part):
    """The analyst's own interpretation: a judgement for each construct, and the evidence for each recommendation."""

    judgements: str | None = None
    evidence: str | None = None
    note: str = ""


class Published(Part):
    """The tables of a published report, as printed; each is optional.

    `responded` is the largest number of people who can have answered an item; `totals` are numbers of people in the text. For
    the columns of `claims`, `relations` and `live_claims`, see `helpers.audit.claims`.
    """

    source: str
    responded: Annotated[int, pydantic.Field(gt=0)]
    totals: dict[str, People] = {}
    names: dict[Literal["items", "respondents", "participants"], str] = {}
    items: str | None = None
    respondents: str | None = None
    participants: str | None = None
    claims: str | None = None
    relations: str | None = None
    live_claims: str | None = None
    recommendations: str | None = None


class Allowed(Part):
    """A word or phrase that the scan of a package allows, and why; the package lists both."""

    word: str
    reason: str = ""

    @pydantic.model_validator(mode="before")
    @classmethod
    def read_word(cls, said: object) -> object:
        return said if isinstance(said, dict) else {"word": said}


class Sharing(Part):
    """What may leave the team.

    `quotations` is a file of segments whose text is approved for a funder; without it, none is shown. `allowed` lists words
    that the scan of a package allows although they look like an identifier, such as a surname that is also a place. Counts for
    a funder are rounded to multiples of `rounding`; 0 means no rounding.
    """

    quotations: str | None = None
    allowed: list[Allowed] = []
    rounding: Annotated[int, pydantic.Field(ge=0, le=100)] = 0


class Definition(Part):
    """Everything in `study.yml`. `review` lists the decisions that `workbook new` left to you."""

    title: str
    practice: str
    about: str
    citation: str = ""
    summary: str = ""
    scales: dict[str, Scale] = {}
    constructs: dict[str, Construct] = {}
    survey: Survey | None = None
    interviews: Interviews | None = None
    joint: Joint | None = None
    published: Published | None = None
    sharing: Sharing = Sharing()
    review: list[str] = []


@dataclass(frozen=True)
class Study:
    """One evaluation: its folder (a run writes nothing there), the contents of `study.yml`, and the codebook.

    Each row of the codebook is one item, in questionnaire order, with `item, column, section, construct, scale, reversed,
    label`; `reversed` is bool. It is empty if the study has no survey.
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

    @property
    def banner(self) -> str:
        """Which parts of the survey are made up; empty if none are."""
        survey = self.definition.survey
        return survey.simulated.banner.strip() if survey and survey.simulated else ""

    def part(self, name: str) -> Part:
        """A part of the study; a `WorkbookError` if this study does not have it."""
        part = getattr(self.definition, name)
        if part is None:
            remedy = f"add `{name}:` to study.yml, or leave this notebook out"
            raise WorkbookError(self.folder / "study.yml", "", f"no part `{name}`", "a part that this notebook needs", remedy)
        return part

    @property
    def constructs(self) -> dict[str, Construct]:
        return self.definition.constructs

    @property
    def scales(self) -> dict[str, Scale]:
        return self.definition.scales

    @property
    def scored_constructs(self) -> dict[str, Construct]:
        """The constructs that get a score (those marked `scored` that have an item of a survey), in display order."""
        used = set(self.codebook["construct"]) if self.definition.survey else set()
        return {key: construct for key, construct in self.constructs.items() if construct.scored and key in used}

    @property
    def scored_items(self) -> pd.DataFrame:
        """The codebook's rows whose construct gets a score."""
        return self.codebook[self.codebook["construct"].isin(list(self.scored_constructs))]

    @property
    def used_scales(self) -> dict[str, Scale]:
        """The scales that items use, in questionnaire order."""
        return {name: self.scales[name] for name in dict.fromkeys(self.codebook["scale"])}

    def scale_of(self, item: str) -> Scale:
        return self.scales[self.items.loc[item, "scale"]]

    @property
    def score_limits(self) -> tuple[float, float]:
        """The lowest and highest score that a scored construct can have."""
        scales = [self.scales[name] for name in self.scored_items["scale"].unique()]
        return min(scale.lowest for scale in scales), max(scale.highest for scale in scales)

    @cached_property
    def item_names(self) -> pd.Series:
        """The name of each item that readers see: "D2 Disrupts working relationships (negatively worded)"."""
        names = self.codebook["item"] + " " + self.codebook["label"]
        names = names + self.codebook["reversed"].map({True: " (negatively worded)", False: ""})
        return names.set_axis(self.codebook["item"])

    def construct_name(self, key: str) -> str:
        """The name of a construct that readers see; a key that is not a construct (such as "all items") stays as it is."""
        return self.constructs[key].label if key in self.constructs else key.capitalize()

    def section_name(self, section: str) -> str:
        """A section of the questionnaire, named after the constructs in it: "Coherence"."""
        keys = self.codebook.loc[self.codebook["section"] == section, "construct"].unique()
        return " and ".join(map(self.construct_name, keys)) or section

    @cached_property
    def items(self) -> pd.DataFrame:
        """The codebook, indexed by item."""
        return self.codebook.set_index("item")

    def file(self, relative: str) -> Path:
        """A file of the study; it must exist and be inside the study's folder."""
        path = (self.folder / relative).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            found, remedy = "a path that leads out of the study's folder", "copy the file into the folder and name it there"
        elif not path.is_file():
            near = [each.relative_to(self.folder).as_posix() for each in self.folder.rglob("*.*")]
            found = "a folder" if path.is_dir() else "no such file"
            remedy = suggest(relative, near, f"put it at {shown_path(self.folder / relative)} or correct its name in study.yml")
        else:
            return path
        raise WorkbookError(self.folder / "study.yml", f"file {relative}", found, "a file in the study's folder", remedy)
