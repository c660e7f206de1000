"""Combine survey constructs with interview themes, and recommendations with their evidence."""

import pandas as pd

from helpers.interviews.themes import count_themes, name_codes
from helpers.study.definition import Study
from helpers.study.files import refuse_rows
from helpers.study.sheets import read_table, refuse_blank, refuse_others
from helpers.survey import distributions

JUDGEMENTS = ["agrees", "complements", "contradicts", "silent"]
# What the joint display says about a construct that the study's analyst has not judged.
NOT_JUDGED = "not judged"
NO_ITEMS = "no survey items"


# --- what stands out --------------------------------------------------------------------------------------------------
def measure_favour(bands: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The share of favourable answers to each scored item: its top band, or its bottom band if worded negatively.

    People who found an item not relevant are not counted here; see `measure_not_relevant`. `bands` comes from
    `distributions.count_bands`, or for a funder from `disclosure.survey.protect_bands`, where some counts are withheld or given
    as a range from `least` to `most`.

    The columns are `item, construct, numerator, denominator, least, most, share, low, high, typical, typical_most, p_holm,
    stands_out, middle, middle_most`. `numerator` counts people in the favourable band, and is between `least` and `most`;
    `denominator` counts people who chose a point of the scale (everybody who answered, if the number who found the item not
    relevant is withheld). `share` is in per cent with its 95% Wilson interval. `distributions.compare_items` decides which
    items stand out. The share over all items of the construct is between `middle` and `middle_most`.
    """
    items = study.scored_items.set_index("item")
    favourable = {item: study.scale_of(item).bands[0 if row["reversed"] else -1] for item, row in items.iterrows()}
    here = bands[bands["item"].isin(items.index)]
    is_favourable = here["band"] == here["item"].map(favourable)

    def compare(rows: pd.DataFrame) -> pd.DataFrame:
        return distributions.compare_items(rows, is_favourable[rows.index], study, relevant=True)

    compared = compare(here).reindex(items.index)
    middles = [compare(rows)[["typical", "typical_most"]] for _, rows in here.groupby(here["item"].map(items["construct"]))]
    middles = pd.concat([compared[["typical", "typical_most"]][:0], *middles]).set_axis(["middle", "middle_most"], axis=1)
    chosen = here[is_favourable].set_index("item").reindex(items.index)
    count = chosen["numerator"]
    figures = {name: chosen[f"{name}_relevant"] for name in ("share", "low", "high")}
    ends = {end: chosen.get(end, count) for end in ("least", "most")}
    table = items[["construct"]].assign(numerator=count, denominator=compared.pop("most_denominator"), **ends, **figures)
    return table.join(compared.drop(columns="p")).join(middles).reset_index()


def list_standouts(favour: pd.DataFrame) -> pd.DataFrame:
    """The rows of `measure_favour` for items that stand out, above or below."""
    return favour[favour["stands_out"] != ""].reset_index(drop=True)


# --- constructs -------------------------------------------------------------------------------------------------------
def read_judgements(study: Study) -> pd.DataFrame:
    """The analyst's judgements: `construct, judgement, reason`; a `WorkbookError` if one is unknown or has no reason."""
    columns = ["construct", "judgement", "reason"]
    joint = study.definition.joint
    if not joint or not joint.judgements:
        return pd.DataFrame(columns=columns, dtype="str")
    path = study.file(joint.judgements)
    table = read_table(path, columns)
    refuse_blank(table, columns, path)
    refuse_others(table, "construct", study.constructs, path, "correct the cell")
    refuse_others(table, "judgement", JUDGEMENTS, path, "correct the cell")
    return table[columns].reset_index(drop=True)


def count_constructs(study: Study, segments: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """Participants for each scored or coded construct, in declared order: `construct, numerator, denominator, segments`."""
    counts = count_themes(with_construct(segments), participants, by="construct").set_index("construct")
    keys = [key for key in study.constructs if key in study.scored_constructs or key in counts.index]
    nobody = {"numerator": 0, "denominator": len(participants), "segments": 0}
    return counts.reindex(pd.Index(keys, name="construct")).fillna(nobody).astype(int).reset_index()


def join_constructs(favour: pd.DataFrame, people: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Each row is one construct: its favourable answers, how many participants were coded for it, the analyst's judgement.

    `favour` and `people` come from `measure_favour` and `count_constructs`, or are the parts of them that may be shown. The
    columns are `construct, scored, middle, middle_most` (missing without survey items), `numerator, denominator`
    (participants), `judgement, reason, note`.
    """
    middles = favour[["construct", "middle", "middle_most"]].drop_duplicates("construct")
    table = people.merge(middles, how="left").merge(read_judgements(study).drop_duplicates("construct"), how="left")
    table = table.fillna({"judgement": NOT_JUDGED, "reason": ""})
    scored = table["construct"].isin(list(study.scored_constructs))
    table = table.assign(scored=scored, note=scored.map({True: "", False: NO_ITEMS}))
    columns = ["construct", "scored", "middle", "middle_most", "numerator", "denominator", "judgement", "reason", "note"]
    return table[columns]


def count_construct_codes(
    study: Study, segments: pd.DataFrame, participants: pd.DataFrame, codes: pd.DataFrame
) -> pd.DataFrame:
    """The codes of each construct: `construct, code, label, numerator, denominator, segments`, most participants first."""
    counts = name_codes(count_themes(with_construct(segments), participants, by=["construct", "code"]), codes)
    return in_declared_order(counts.sort_values(["numerator", "segments"], ascending=False, kind="stable"), study)


def choose_construct_texts(study: Study, segments: pd.DataFrame) -> pd.DataFrame:
    """Two quotations for each construct, from different participants and codes if possible: `construct, segment, text`."""
    texts = with_construct(segments).dropna(subset=["construct"])
    texts = texts[texts["text"].fillna("") != ""].drop_duplicates(["construct", "segment"])
    varied = texts.drop_duplicates(["construct", "code"]).drop_duplicates(["construct", "participant"])
    chosen = pd.concat([varied, texts]).drop_duplicates(["construct", "segment"]).drop_duplicates(["construct", "text"])
    return in_declared_order(chosen.groupby("construct", sort=False).head(2), study)[["construct", "segment", "text"]]


def with_construct(segments: pd.DataFrame) -> pd.DataFrame:
    """Segments with a column `construct`; all its values are missing if no code belongs to a construct."""
    return segments if "construct" in segments else segments.assign(construct=pd.Series(dtype="str"))


def in_declared_order(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    order = list(study.constructs)
    return rows.sort_values("construct", key=lambda keys: keys.map(order.index), kind="stable", ignore_index=True)


# --- recommendations --------------------------------------------------------------------------------------------------
def trace_recommendations(study: Study, segments: pd.DataFrame) -> pd.DataFrame:
    """Each recommendation with the evidence that the study names for it; each row is one piece of evidence, all columns text.

    The columns are `recommendation, gist, kind, id, text, printed`; `kind` is item, segment or figure (a claim of the published
    text, as `printed`), or none if no evidence is named. Empty without recommendations.

    Raises a `WorkbookError` for an unknown recommendation, or an id that is not an item, segment or figure.
    """
    columns = ["recommendation", "gist", "kind", "id", "text", "printed"]
    published, joint = study.definition.published, study.definition.joint
    if not published or not published.recommendations:
        return pd.DataFrame(columns=columns, dtype="str")
    recommendations = read_table(study.file(published.recommendations), columns[:2])
    there = list_evidence(study, segments)
    named = pd.DataFrame(columns=["recommendation", "id"], dtype="str")
    if joint and joint.evidence:
        path = study.file(joint.evidence)
        evidence = read_table(path, ["recommendation", "evidence"])
        refuse_others(evidence, "recommendation", recommendations["recommendation"], path, "correct the id")
        nothing = evidence[~evidence["evidence"].isin(there["id"])]
        expected = "an item of the codebook, a segment of the interviews or a claim of the published text"
        refuse_rows(nothing, path, "{value!r}", expected, "correct the id", "evidence")
        named = evidence.rename(columns={"evidence": "id"})[["recommendation", "id"]]
    traced = recommendations[columns[:2]].merge(named, how="left").merge(there, how="left")
    return traced[columns].fillna({"kind": "none", "id": "", "text": "", "printed": ""})


def list_evidence(study: Study, segments: pd.DataFrame) -> pd.DataFrame:
    """Everything that can be evidence: `kind, id, text, printed`."""
    items = study.codebook[["item", "label"]].set_axis(["id", "text"], axis=1)
    texts = segments.drop_duplicates("segment")[["segment", "text"]].set_axis(["id", "text"], axis=1)
    parts = [items.assign(kind="item", printed=""), texts.assign(kind="segment", printed="")]
    published = study.definition.published
    if published and published.claims:
        claims = read_table(study.file(published.claims), ["claim", "about", "statistic", "value"])
        about = claims["about"] + ", " + claims["statistic"]
        parts.append(pd.DataFrame({"id": claims["claim"], "text": about, "printed": claims["value"], "kind": "figure"}))
    return pd.concat(parts, ignore_index=True)


def list_strong_themes(themes: pd.DataFrame) -> pd.DataFrame:
    """The themes that at least half of the participants spoke about; themes with a withheld (missing) count are left out."""
    return themes[2 * themes["numerator"] >= themes["denominator"]]


def grade_evidence(
    evidence: pd.DataFrame, favour: pd.DataFrame, segments: pd.DataFrame, themes: pd.DataFrame
) -> pd.DataFrame:  # fmt: skip
    """Add `strong` to the evidence: whether it is an item that stands out, or a segment of a theme in `list_strong_themes`."""
    spoken = segments.loc[segments["theme"].isin(list_strong_themes(themes)["theme"]), "segment"]
    return evidence.assign(strong=evidence["id"].isin([*list_standouts(favour)["item"], *spoken]))


def find_loose_ends(evidence: pd.DataFrame, favour: pd.DataFrame, segments: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Recommendations that no evidence supports, and strong findings that no recommendation uses.

    The columns are `kind, id, stands_out, numerator, denominator, least, share`. `kind` is recommendation (without evidence),
    item (it stands out, but no recommendation names it) or theme (at least half of the participants spoke about it, but no
    recommendation names any of its segments).
    """
    bare = evidence.loc[evidence["kind"] == "none", "gist"]
    items = list_standouts(favour)
    items = items[~items["item"].isin(evidence["id"])]
    named = segments.loc[segments["segment"].isin(evidence["id"]), "theme"]
    strong = list_strong_themes(themes)
    strong = strong[~strong["theme"].isin(named)]
    share = 100 * strong["numerator"] / strong["denominator"]
    ends = pd.concat([
        pd.DataFrame({"kind": "recommendation", "id": bare}),
        items.rename(columns={"item": "id"}).assign(kind="item"),
        strong.rename(columns={"theme": "id"}).assign(kind="theme", least=strong["numerator"], share=share),
    ], ignore_index=True)  # fmt: skip
    columns = ["kind", "id", "stands_out", "numerator", "denominator", "least", "share"]
    return ends[columns].fillna({"stands_out": ""})
