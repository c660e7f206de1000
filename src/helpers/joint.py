"""Survey constructs beside the themes of interviews, and recommendations beside their evidence."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.interviews.themes import count_themes
from helpers.study import reading
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.survey.distributions import wilson_interval

JUDGEMENTS = ["agrees", "complements", "contradicts", "silent"]
# What the joint display says of a construct on which the study's analyst has passed no judgement.
NOT_JUDGED = "not judged"


def measure_favour(bands: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The share of favourable answers to each scored item: its top band, or its bottom band when worded negatively.

    Parameters
    ----------
    bands : DataFrame
        From `disclosure.protect_bands`: for the team whole, for a funder with counts withheld.

    Returns
    -------
    DataFrame
        `item, construct, label, count, least, n, percent, low, high`: respondents in the favourable band (missing where
        withheld), the least that they may be said to be (missing where nothing is said), those who answered the item
        (not relevant included), `least` in per cent, 95% Wilson bounds. The mean percentage over all scored items lies
        from `typical` to `typical_most`, which are the same unless something is withheld; `stands_out` is "above" or "below"
        when the interval lies wholly on that side of both, else "".
    """
    items = study.scored_items.set_index("item")
    favourable = {item: study.scale_of(item).bands[0 if row["reversed"] else -1] for item, row in items.iterrows()}
    chosen = bands[bands["band"] == bands["item"].map(favourable)].set_index("item").reindex(items.index)
    n = chosen["denominator"]
    table = pd.DataFrame({
        "construct": items["construct"], "label": items["label"], "numerator": chosen["numerator"], "least": chosen["least"], "n": n,
        "percent": 100 * chosen["least"] / n.where(n > 0),
        "low": wilson_interval(chosen["least"], n)["low"], "high": wilson_interval(chosen["most"], n)["high"],
    })  # fmt: skip
    known = table["n"].gt(0) | table["n"].isna()
    typical = table["percent"].fillna(0)[known].mean()
    highest = (100 * chosen["most"] / n.where(n > 0)).fillna(100)[known].mean()
    side = pd.Series("", index=table.index).mask(table["low"] > highest, "above").mask(table["high"] < typical, "below")
    return table.assign(typical=typical, typical_most=highest, stands_out=side).reset_index(names="item")


def read_judgements(study: Study) -> pd.DataFrame:
    """The analyst's judgement for each construct: `construct, judgement, reason`; empty when the study has none.

    Raises
    ------
    WorkbookError
        For an unknown construct, a judgement that is none of `JUDGEMENTS`, or one without a reason.
    """
    columns = ["construct", "judgement", "reason"]
    joint = study.definition.joint
    if not joint or not joint.judgements:
        return pd.DataFrame(columns=columns, dtype="str")
    path = study.file(joint.judgements)
    table = reading.read_csv(path, columns)
    for row, entry in table.iterrows():
        for column, allowed in (("construct", list(study.constructs)), ("judgement", JUDGEMENTS)):
            if entry[column] not in allowed:
                raise WorkbookError(
                    path, f"row {row + 2}, column {column}", repr(entry[column]), "one of " + ", ".join(allowed),
                    "correct the cell",
                )  # fmt: skip
        if not entry["reason"]:
            raise WorkbookError(
                path, f"row {row + 2}, column reason", "an empty cell", "why the analyst judges so", "give the reason"
            )
    return table[columns]


def join_constructs(
    study: Study,
    scores: pd.DataFrame,
    favour: pd.DataFrame,
    segments: pd.DataFrame,
    participants: pd.DataFrame,
    codes: pd.DataFrame,
    judgements: pd.DataFrame,
) -> pd.DataFrame:
    """One row a construct: survey, interviews and the judgement.

    Parameters
    ----------
    scores : DataFrame
        From `nomad.describe_scores`, or for a funder from `disclosure.protect_means`.
    favour : DataFrame
        From `measure_favour`.
    segments, participants, codes : DataFrame
        From `coding`; `segments` with `construct`.
    judgements : DataFrame
        From `read_judgements`.

    Returns
    -------
    DataFrame
        `construct, label, scored, n, median, mean, low, high, note` (the score; missing without survey items),
        `stands_out` (list of items with their side), `participants`, `of`, `segments`, `codes` (list of labels, most
        participants first), `examples` (up to two texts, of different participants where there are any), `judgement,
        reason`. Constructs with a score come first, then those that only the interviews' codes name, in declared order.
    """
    coded = segments if "construct" in segments else segments.assign(construct=pd.Series(dtype="str"))
    keys = [k for k in study.constructs if k in study.scored_constructs or k in set(coded["construct"].dropna())]
    labels = codes.set_index("code")["label"]
    rows = []
    for key in keys:
        here = coded[coded["construct"] == key]
        score = scores[scores["construct"] == key]
        out = favour[(favour["construct"] == key) & (favour["stands_out"] != "")]
        counted = count_themes(here, participants, by="code").sort_values(
            ["participants", "segments"], ascending=False, kind="stable"
        )
        judged = judgements[judgements["construct"] == key]
        rows.append({
            "construct": key,
            "label": study.constructs[key].label,
            "scored": len(score) > 0,
            **{name: score[name].iloc[0] if len(score) else None for name in ("n", "median", "mean", "low", "high", "note")},
            "stands_out": [f"{row.item} {row.stands_out}" for row in out.itertuples()],
            "participants": here["participant"].nunique(),
            "of": len(participants),
            "segments": here["segment"].nunique(),
            "codes": [
                f"{labels.get(row.code, row.code)} ({row.participants} of {row.of})"
                for row in counted.itertuples()
            ],
            "examples": choose_examples(here),
            "judgement": judged["judgement"].iloc[0] if len(judged) else NOT_JUDGED,
            "reason": judged["reason"].iloc[0] if len(judged) else "",
        })  # fmt: skip
    return pd.DataFrame(rows)


def choose_examples(segments: pd.DataFrame, number: int = 2) -> list[tuple[str, str]]:
    """The first texts as (segment, text), each of another participant and code where there are enough."""
    texts = segments[segments["text"].fillna("") != ""].drop_duplicates("segment")
    varied = texts.drop_duplicates("code").drop_duplicates("participant")
    chosen = pd.concat([varied, texts]).drop_duplicates("segment").drop_duplicates("text").head(number)
    return list(zip(chosen["segment"], chosen["text"], strict=True))


def trace_recommendations(study: Study, segments: pd.DataFrame) -> pd.DataFrame:
    """Each recommendation with the evidence that the study names for it.

    Returns
    -------
    DataFrame
        `recommendation, gist, items, segments, figures`: lists of ids (`figures` are claims of the published text); all
        empty where no evidence is named. Empty when the study has no recommendations.

    Raises
    ------
    WorkbookError
        For evidence of a recommendation that does not exist, or an id that is no item, segment or published figure.
    """
    columns = ["recommendation", "gist", "items", "segments", "figures"]
    published, joint = study.definition.published, study.definition.joint
    if not published or not published.recommendations:
        return pd.DataFrame(columns=columns)
    recommendations = reading.read_csv(study.file(published.recommendations), ["recommendation", "gist"])
    evidence = pd.DataFrame(columns=["recommendation", "evidence"], dtype="str")
    ids = {
        "items": set(study.codebook["item"]),
        "segments": set(segments["segment"]),
        "figures": set(reading.read_csv(study.file(published.claims), ["claim"])["claim"]) if published.claims else set(),
    }
    if joint and joint.evidence:
        path = study.file(joint.evidence)
        evidence = reading.read_csv(path, ["recommendation", "evidence"])
        known = {"recommendation": set(recommendations["recommendation"])}
        known["evidence"] = set().union(*ids.values())
        for column, allowed in known.items():
            for row, value in evidence[column][~evidence[column].isin(allowed)].items():
                what = "one of " + ", ".join(sorted(allowed))
                if column == "evidence":
                    what = "an item of the codebook, a segment of the interviews or a claim of the published text"
                raise WorkbookError(path, f"row {row + 2}, column {column}", repr(value), what, "correct the id")
    rows = []
    for entry in recommendations.itertuples():
        named = evidence.loc[evidence["recommendation"] == entry.recommendation, "evidence"]
        rows.append((entry.recommendation, entry.gist, *([i for i in named if i in known] for known in ids.values())))
    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class LooseEnds:
    """What does not meet: recommendations without evidence, and strong findings that no recommendation names.

    Attributes
    ----------
    bare : list of str
        Recommendations for which nothing is named.
    items : DataFrame
        Rows of `measure_favour` that stand out, on either side, and are named nowhere.
    themes : DataFrame
        Rows of `themes.count_themes` with at least half of the participants, none of whose segments is named.
    """

    bare: list[str]
    items: pd.DataFrame
    themes: pd.DataFrame


def find_loose_ends(traced: pd.DataFrame, favour: pd.DataFrame, segments: pd.DataFrame, counts: pd.DataFrame) -> LooseEnds:
    """Recommendations that no evidence supports, and strong findings that no recommendation picks up.

    Parameters
    ----------
    counts : DataFrame
        From `themes.count_themes`; a theme whose count is missing is withheld, and so no finding that can be told.
    """
    bare = [row.recommendation for row in traced.itertuples() if not (row.items or row.segments or row.figures)]
    cited = {i for column in ("items", "segments") for ids in traced[column] for i in ids}
    items = favour[(favour["stands_out"] != "") & ~favour["item"].isin(cited)]
    named = set(segments.loc[segments["segment"].isin(cited), "theme"])
    strong = counts[(2 * counts["participants"] >= counts["of"]) & ~counts["theme"].isin(named)]
    return LooseEnds(bare, items.reset_index(drop=True), strong.reset_index(drop=True))
