"""Checks a study before a notebook runs: every mistake is reported at once, and so is anything odd that may be right."""

from collections.abc import Callable, Collection

import pandas as pd

from helpers import joint
from helpers.audit import published
from helpers.interviews import coding, transcripts
from helpers.study.definition import Study
from helpers.study.errors import Mistakes
from helpers.survey import cleaning, direction, earlier, free_text, response, scoring

# What `workbook new` writes where only the authors know what to say.
STILL_TO_SAY = {"practice": "the practice", "about": "Say here in two sentences what was evaluated, where and by whom."}
# A level with this many words may be what somebody wrote.
LONG_LEVEL = 6


def check_parts(study: Study, parts: Collection[str], mistakes: Mistakes) -> list[str]:
    """Read all that these parts of a study name, by the functions that read it in notebooks, and gather their mistakes.

    Returns a sentence for each thing that may be right but deserves a look. A study whose codebook could not be read whole is
    checked as far as possible.
    """
    has = {part for part in parts if getattr(study.definition, part)}
    # In a codebook with mistakes some items are unknown that other files may name correctly.
    has -= {"joint", "published"} if any(error.file.endswith("codebook.csv") for error in mistakes.errors.values()) else set()
    left = [key for key, text in STILL_TO_SAY.items() if getattr(study.definition, key).strip() == text]
    notes = [f"study.yml, {key}: still {STILL_TO_SAY[key]!r}. Readers see it, so put it in your own words." for key in left]
    segments = pd.DataFrame(columns=["segment", "text"], dtype="str")

    def attempt(*steps: Callable[[], object]) -> None:
        for step in steps:
            with mistakes:
                step()

    if "survey" in has and len(study.codebook):
        with mistakes:
            notes += look_at_survey(study, cleaning.clean_survey(study))
        attempt(lambda: scoring.list_constructs(study.scored_items, study.scales), lambda: free_text.read_comments(study))
        if study.survey.earlier:
            attempt(lambda: earlier.read_earlier(study))
    if "interviews" in has:
        attempt(
            lambda: coding.read_participants(study),
            lambda: coding.read_codes(study),
            lambda: transcripts.read_transcripts(study),
        )
        with mistakes:
            segments = coding.read_segments(study)
            coding.read_approved(study, segments)
    if "joint" in has:
        attempt(lambda: joint.read_judgements(study))
        if study.definition.interviews is None or len(segments):
            attempt(lambda: joint.trace_recommendations(study, segments))
    if "published" in has:
        for name in published.COLUMNS:
            attempt(lambda name=name: published.read_published(study, name))
        attempt(lambda: published.list_cells(study))
    return notes


def look_at_survey(study: Study, cleaned: cleaning.CleanSurvey) -> list[str]:
    """What a study's authors should look at in their survey; a `WorkbookError` where more answered than were invited."""
    people = cleaned.respondents
    response.describe_response(study, cleaning.keep_wave(study, people, ""))
    bare = [key for key, construct in study.constructs.items() if construct.scored and key not in study.scored_constructs]
    notes = [f"The construct {key!r} has no item in codebook.csv, so it gets no score." for key in bare]
    for name, grouping in study.survey.groupings.items():
        long = [level for level in grouping.levels if len(level.split()) >= LONG_LEVEL]
        advice = "is long. If somebody wrote it, name the column under survey.free_text."
        notes += [f"The level {level!r} of {name!r} {advice}" for level in long]
        if (blank := int(people[name].isna().sum())) > len(people) / 2:
            notes.append(f"{blank} of {len(people)} respondents have no level of {name!r}: were cells merged or left out?")
    for wave, rows in people.groupby("wave", observed=True):
        measured = direction.measure_direction(study, cleaned.responses.merge(rows[["respondent"]]))
        notes += [f"{wave}: {note}" for note in direction.warn_direction(study, measured)]
    return notes
