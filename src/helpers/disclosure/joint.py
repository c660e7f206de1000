"""What may be told of survey and interviews side by side, and of the evidence for recommendations."""

from dataclasses import replace

import pandas as pd

from helpers import joint
from helpers.disclosure.told import Told, tell
from helpers.study.definition import Study

NOTE_ON_EVIDENCE = (
    "Which texts and published figures are named stays with the team, since a figure can be one that is withheld."
)


def tell_joined(means: Told, people: Told, study: Study) -> Told:
    """Scores beside participants and judgements: the columns of `joint.join_constructs`.

    A construct without survey items has no score that could be withheld.
    """
    joined = means.then(joint.join_constructs, people, study)
    figures = [name for name in joint.FIGURES if name in joined.frame]
    hidden = joined.withheld[figures].mul(joined.frame["scored"], axis=0)
    return replace(joined, withheld=joined.withheld.assign(**hidden))


def tell_evidence(evidence: pd.DataFrame, threshold: int) -> Told:
    """Recommendations and their evidence (`joint.trace_recommendations`): which items, how many texts and published figures.

    A published figure can be the very count that is withheld, and a text is shown only where it is approved.
    """
    if threshold <= 1:
        return tell(evidence, threshold)
    hidden = evidence["kind"].isin(["segment", "figure"])
    printed = evidence["printed"].mask(evidence["kind"] == "figure")
    shown = evidence.assign(id=evidence["id"].mask(hidden), text=evidence["text"].mask(hidden), printed=printed)
    return tell(shown, threshold, NOTE_ON_EVIDENCE * bool(hidden.any()))


def tell_loose_ends(evidence: pd.DataFrame, favour: Told, segments: pd.DataFrame, themes: Told, threshold: int) -> Told:
    """Findings that no recommendation names, among those that may be told; of segments only whether a theme has one named.

    `evidence` and `segments` are the team's own, `favour` from `joint.measure_favour`, `themes` from `interviews.tell_sets`.
    """
    return tell(joint.find_loose_ends(evidence, favour.frame, segments, themes.frame), threshold)
