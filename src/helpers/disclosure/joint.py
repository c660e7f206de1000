"""What may be told about survey and interviews side by side, and about the evidence for recommendations."""

from dataclasses import replace

import pandas as pd

from helpers import joint
from helpers.disclosure.interviews import tell_sets
from helpers.disclosure.survey import tell_bands
from helpers.disclosure.told import Told, tell
from helpers.study.definition import Study
from helpers.survey import distributions

NOTE_ON_EVIDENCE = "Only the team sees which texts and published figures are named, since a figure can be one that is withheld."


def tell_constructs(
    study: Study, responses: pd.DataFrame, participants: pd.DataFrame, segments: pd.DataFrame, threshold: int
) -> tuple[Told, Told]:
    """Favourable answers item by item (`joint.measure_favour`), and each construct beside the interviews (`tell_joined`)."""
    bands = tell_bands(distributions.count_bands(responses, study.codebook, study.scales), threshold)
    favour = bands.then(joint.measure_favour, study)
    people = tell_sets(joint.count_constructs(study, segments, participants), "construct", segments, threshold)
    return favour, tell_joined(favour, people, study)


def tell_joined(favour: Told, people: Told, study: Study) -> Told:
    """Constructs with favourable answers, participants and judgements: the columns of `joint.join_constructs`.

    A construct without survey items has no share that could be withheld.
    """
    joined = favour.then(joint.join_constructs, people, study)
    shares = ["middle", "middle_most"]
    hidden = joined.withheld[shares].mul(joined.frame["scored"], axis=0)
    return replace(joined, withheld=joined.withheld.assign(**hidden))


def tell_evidence(evidence: pd.DataFrame, favour: Told, segments: pd.DataFrame, themes: Told, threshold: int) -> Told:
    """Recommendations and their evidence (`joint.grade_evidence`): which items, how many texts and published figures.

    A published figure can be the very count that is withheld, and a text is shown only if it is approved. How strong evidence
    is follows from what may be told; `evidence` and `segments` are the team's own.
    """
    evidence = joint.grade_evidence(evidence, favour.frame, segments, themes.frame)
    if threshold <= 1:
        return tell(evidence, threshold)
    hidden = evidence["kind"].isin(["segment", "figure"])
    printed = evidence["printed"].mask(evidence["kind"] == "figure")
    shown = evidence.assign(id=evidence["id"].mask(hidden), text=evidence["text"].mask(hidden), printed=printed)
    return tell(shown, threshold, NOTE_ON_EVIDENCE * bool(hidden.any()))


def tell_loose_ends(evidence: pd.DataFrame, favour: Told, segments: pd.DataFrame, themes: Told, threshold: int) -> Told:
    """Findings that no recommendation names, among those that may be told; for segments, only whether a theme has one named.

    `evidence` and `segments` are the team's own, `favour` from `joint.measure_favour`, `themes` from `interviews.tell_sets`.
    """
    return tell(joint.find_loose_ends(evidence, favour.frame, segments, themes.frame), threshold)
