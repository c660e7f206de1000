"""What `study.yml` may say, as models; a study as the other rooms know it."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import pandas as pd
import pydantic
from pydantic_core import PydanticCustomError

from helpers.study.errors import WorkbookError, shown_path
from helpers.study.terms import NOT_RELEVANT


def stand_once(labels: list[str]) -> list[str]:
    """Options, levels, groupings and attributes are known by their labels, to readers as in tables."""
    if len({label.strip().casefold() for label in labels}) < len(labels):
        raise ValueError("each label to stand once")
    return labels


def labelled_once(parts: dict) -> dict:
    stand_once([part.label for part in parts.values()])
    return parts


def check_name(name: str) -> str:
    taken = ("respondent", "wave", "item", "construct", "link", "items_answered", "duration_seconds")
    if not name.isidentifier() or name in taken:
        raise ValueError(f"one word, and none of {', '.join(taken)}, which columns have already")
    return name


def name_once(files: dict[str, str]) -> dict[str, str]:
    """A file is one wave's."""
    if twice := [file for file in files.values() if list(files.values()).count(file) > 1]:
        raise ValueError(f"a file for each wave, and {twice[0]} is named for two")
    return files


Name = Annotated[str, pydantic.AfterValidator(check_name)]
Levels = Annotated[list[str], pydantic.Field(min_length=1), pydantic.AfterValidator(stand_once)]


class Part(pydantic.BaseModel):
    """A part of `study.yml`, or of what a notebook says of itself."""

    model_config = pydantic.ConfigDict(frozen=True, coerce_numbers_to_str=True)

    @pydantic.model_validator(mode="before")
    @classmethod
    def know_keys(cls, said: object) -> object:
        """A misspelt key would be ignored."""
        for key in said if isinstance(said, dict) else ():
            if key not in cls.model_fields:
                raise PydanticCustomError("unknown", "one of {known}", {"known": ", ".join(cls.model_fields), "key": str(key)})
        return said

    @classmethod
    def read(cls, said: object, file: Path, place: str, remedy: str) -> Self:
        """A part as it is typed in a file; a WorkbookError names the first thing that is wrong with it."""
        try:
            return cls.model_validate(said)
        except pydantic.ValidationError as invalid:
            error = invalid.errors()[0]
        found, expected = repr(error["input"])[:80], re.sub("Value error, |Input should be ", "", error["msg"])
        if error["type"] == "missing":
            found, expected = "nothing", "a value for this key"
        elif error["type"] == "unknown":
            found = f"the unknown key {error['ctx']['key']!r}"
        steps = [place, *(str(step) for step in error["loc"] if step != "[key]")]
        raise WorkbookError(file, ".".join(filter(None, steps)), found, expected, remedy)


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
    def points_rise_and_differ(self) -> Self:
        values = [response.value for response in self.responses]
        if values != sorted(set(values)):
            raise ValueError("responses from the lowest value to the highest, each value once")
        options = [*self.responses, *self.not_relevant]
        stand_once([option.label for option in options])
        codes = {option.code for option in options}
        if codes != {None} and (None in codes or len(codes) < len(options)):
            raise ValueError("a code of its own for every option or for none")
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
    levels: Levels
    ordered: bool = False
    groups: dict[str, list[str]] = {}


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
    """The survey: an export per wave, the groupings of respondents, who was invited, a file of earlier studies."""

    files: Annotated[dict[str, str], pydantic.Field(min_length=1), pydantic.AfterValidator(name_once)]
    groupings: Annotated[dict[Name, Grouping], pydantic.AfterValidator(labelled_once)] = {}
    invited: Invited | None = None
    consent: Consent | None = None
    link_column: str | None = None
    earlier: str | None = None
    simulated: Simulated | None = None

    @pydantic.model_validator(mode="after")
    def margins_are_of_groupings(self) -> Self:
        if self.invited and (unknown := self.invited.margins.keys() - self.groupings):
            raise ValueError(f"invited.margins.{min(unknown)} to be one of the groupings ({', '.join(self.groupings)})")
        return self

    @property
    def merges(self) -> dict[str, dict[str, list[str]]]:
        """Grouping → its merged levels, for the funder's edition."""
        return {name: grouping.groups for name, grouping in self.groupings.items()}


class Attribute(Part):
    """Something known of each participant: a column of the participants' file and its levels in display order."""

    label: str
    levels: Levels
    groups: dict[str, list[str]] = {}
    simulated: bool = False


class Interviews(Part):
    """The interviews: participants, coded segments, and what the segments' text is.

    `sessions` says how people took part ("8 in 2 groups, 2 alone") where the segments' sources do not tell.
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

    `responded` is the most people who can have answered an item; `totals` are numbers of people that the text gives. The
    form of `claims`, `relations` and `live_claims` is that of `helpers.audit.claims.check_claims`.
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

    `quotations` is a file of segments whose text is approved for a funder: none is shown without it. `allowed` are words that
    the scan of a package passes although the raw data hold them as a name, such as a surname that is also a place. Counts for
    a funder are rounded to multiples of `rounding`; 0 leaves them as they are.
    """

    quotations: str | None = None
    allowed: list[str] = []
    rounding: Annotated[int, pydantic.Field(ge=0, le=100)] = 0


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


@dataclass(frozen=True)
class Study:
    """One evaluation: its folder (in which a run writes nothing), what `study.yml` says, and the codebook.

    The codebook has the columns `item, column, section, construct, scale, reversed, label`, one row per item in questionnaire
    order; `reversed` is bool. It is empty when the study has no survey.
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
        """What of the survey is made up; empty where nothing is."""
        survey = self.definition.survey
        return survey.simulated.banner.strip() if survey and survey.simulated else ""

    def part(self, name: str) -> Part:
        """A part of the study, or a message that this study has none."""
        part = getattr(self.definition, name)
        if part is None:
            remedy = f"add `{name}:` to study.yml, or leave this notebook out"
            raise WorkbookError(self.folder / "study.yml", "", f"no part `{name}`", "it, since this notebook needs it", remedy)
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

    @cached_property
    def item_names(self) -> pd.Series:
        """Item → how a reader sees it: "D2 Disrupts working relationships (negatively worded)"."""
        names = self.codebook["item"] + " " + self.codebook["label"]
        names = names + self.codebook["reversed"].map({True: " (negatively worded)", False: ""})
        return names.set_axis(self.codebook["item"])

    def construct_name(self, key: str) -> str:
        """How a reader sees a construct; a key that is none (such as all items together) is its own name."""
        return self.constructs[key].label if key in self.constructs else key.capitalize()

    def section_name(self, section: str) -> str:
        """A section of the questionnaire, by the constructs that it asks of: "Coherence"."""
        keys = self.codebook.loc[self.codebook["section"] == section, "construct"].unique()
        return " and ".join(map(self.construct_name, keys)) or section

    @cached_property
    def items(self) -> pd.DataFrame:
        """The codebook, indexed by item."""
        return self.codebook.set_index("item")

    def file(self, relative: str) -> Path:
        """A file of the study; it must exist and lie inside the study's folder."""
        path = (self.folder / relative).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            found, remedy = "a path that leads out of the study's folder", "copy the file into the folder and name it there"
        elif not path.is_file():
            found, remedy = "no such file", f"put it at {shown_path(self.folder / relative)} or correct its name in study.yml"
        else:
            return path
        raise WorkbookError(self.folder / "study.yml", f"file {relative}", found, "a file in the study's folder", remedy)
