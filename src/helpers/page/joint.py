"""What notebook 5 shows: survey and interviews side by side, recommendations with their evidence."""

import textwrap

import pandas as pd

from helpers.joint import NOT_JUDGED
from helpers.page.themes import name_text
from helpers.page.words import counted, listed, percent, quote, ratio, span, split_claim
from helpers.study.definition import Study

# What the interviews do, by the analyst's judgement, in the order in which we say it.
VERBS = {
    "contradicts": "contradict the survey on", "agrees": "agree with the survey on", "complements": "add to the survey on",
    "silent": "say nothing about",
}  # fmt: skip
JOINT_LABELS = {"numerator": "People with a text", "judgement": "What the analyst concludes"}
# Evidence that is counted, not named.
KINDS = {"segment": ("text of the interviews", "texts of the interviews"), "figure": ("published figure", "")}


# --- constructs -------------------------------------------------------------------------------------------------------
def say_joint(joined: pd.DataFrame, study: Study) -> str:
    """How the analyst judges that interviews and survey relate, by construct; empty without a judgement."""
    verbs = {key: verb for key, verb in VERBS.items() if key in set(joined["judgement"])}
    if not verbs:
        return ""
    first, *others = (
        f"{verb} {listed(study.construct_name(key) for key in joined.loc[joined['judgement'] == judgement, 'construct'])}"
        for judgement, verb in verbs.items()
    )
    others = [part.replace("the survey", "it") for part in others]
    others += ["do not contradict the survey anywhere"] * ("contradicts" not in verbs)
    rest = f" They {listed(others)}." if others else ""
    left = (joined["judgement"] == NOT_JUDGED).sum()
    none = f" The analyst gives no judgement on {left} of {counted(len(joined), 'construct')}." if left else ""
    return f"The interviews {first}.{rest} This is the analyst's judgement.{none}"


def lay_joint(joined: pd.DataFrame, favour: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The joint display as the page shows it: each construct's favourable answers, and the judgement with its reason."""
    joined = drop_uncoded(joined)
    survey = [describe_range(row, favour[favour["construct"] == row.construct], study) for row in joined.itertuples()]
    judged = joined["judgement"].replace(NOT_JUDGED, "").str.capitalize()
    reasons = joined["reason"].where(joined["reason"] == "", ". " + joined["reason"])
    return joined[["construct"]].assign(
        **{"Favourable answers": survey}, numerator=joined["numerator"], denominator=joined["denominator"],
        judgement=judged + reasons,
    )  # fmt: skip


def drop_uncoded(joined: pd.DataFrame) -> pd.DataFrame:
    """Drop the number of participants if no code belongs to a construct, since nobody can then have spoken of one."""
    return joined if joined["numerator"].fillna(1).any() else joined.assign(denominator=0)


def describe_range(row, items: pd.DataFrame, study: Study) -> str | None:
    """A construct's favourable share, and its statements with the lowest and highest share told; None without any."""
    told = items.assign(place=items["least"] / items["denominator"]).dropna(subset="place").sort_values("place", kind="stable")
    middle = span(percent(row.middle), percent(row.middle_most))
    if told.empty:
        return row.note or (middle if pd.notna(row.middle) else None)
    ends = told.iloc[[0, -1]] if len(told) > 1 else told
    named = [
        f"{name} ({describe_favour(end).removesuffix(' favourable')})"
        for name, end in zip(name_items(ends["item"], study), ends.itertuples(), strict=True)
    ]
    return f"{middle}, {'from ' * (len(named) > 1)}{' to '.join(named)}"


def note_joint(study: Study) -> str:
    return study.definition.joint.note.strip() if study.definition.joint else ""


def note_texts(study: Study) -> str:
    return "Texts are gists in our own words." if name_text(study) == "gist" else ""


# --- items that stand out ---------------------------------------------------------------------------------------------
def say_standouts(favour: pd.DataFrame, study: Study) -> str:
    """Items clearly below the share over all items, with their figures, and those clearly above, by name.

    We say that there are none only if nothing is withheld.
    """
    named = favour.assign(name=name_items(favour["item"], study))
    below = named[named["stands_out"] == "below"].sort_values("share")
    parts = "; ".join(f"{row.name}, {say_share(row)}" for row in below.itertuples())
    above = listed(named.loc[named["stands_out"] == "above", "name"], "")
    typical = span(*favour[["typical", "typical_most"]].iloc[0].map(percent))
    said = [f"Across all statements, {typical} of the answers are favourable."]
    for where, names in (("below", parts), ("above", above)):
        if names:
            said.append(f"Clearly {where} that: {names}.")
        elif favour["share"].notna().all():
            said.append(f"No statement is clearly {where} that.")
    return " ".join(said)


def say_share(row) -> str:
    """A row of `joint.measure_favour`, "19 of 39 (49%, 95% CI 34 to 64)"; no share if it is out of all who answered."""
    if pd.isna(row.share) and pd.notna(row.numerator):
        return f"{row.numerator:g} of the {row.denominator:g} who answered"
    return "share withheld" if pd.isna(row.least) else ratio(row.numerator, row.denominator, row.low, row.high, row.least)


def name_items(items: pd.Series, study: Study, most: int = 1000) -> pd.Series:
    """Wordings instead of codes, at `most` this many letters long: “Key people drive it forward”; others stay as they are."""
    names = [textwrap.shorten(study.items["label"].get(item, item), most, placeholder=" …") for item in items]
    return pd.Series(list(map(quote, names)), items.index, dtype=object)


# --- recommendations --------------------------------------------------------------------------------------------------
def lay_evidence(evidence: pd.DataFrame, favour: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Each row is one recommendation: its evidence in words (texts and published figures as counts), and how strong it is."""
    shares, rows = {row.item: f" ({describe_favour(row)})" for row in favour.itertuples()}, []
    for (_, gist), named in evidence.groupby(["recommendation", "gist"], sort=False):
        items, kinds = named.loc[named["kind"] == "item", "id"], named["kind"].value_counts()
        words = [*(name_items(items, study) + items.map(shares).fillna(""))]
        words += [counted(kinds[kind], one, many) for kind, (one, many) in KINDS.items() if kind in kinds]
        strength = "–" if not words else "strong" if named["strong"].any() else "weaker"
        rows.append([gist, "; ".join(words) or "none is named", strength])
    return pd.DataFrame(rows, columns=["Recommendation", "Evidence", "How strong"])


def describe_favour(row) -> str:
    """A row of `joint.measure_favour` in two words: "78% favourable", "90% or more favourable"."""
    if pd.isna(row.least) or not row.denominator:
        return "share withheld" if pd.isna(row.least) else "nobody answered"
    share = percent(row.share) if pd.notna(row.share) else f"{int(100 * row.least / row.denominator)}% or more"
    return f"{share} favourable"


def say_evidence(evidence: pd.DataFrame) -> str:
    """How many recommendations rest on strong evidence, the first of them, and how many have none named; empty without any."""
    named = evidence.assign(named=evidence["kind"] != "none")
    found = named.groupby(["recommendation", "gist"], sort=False)[["named", "strong"]].any().reset_index("gist")
    if found.empty:
        return ""
    of, strong, bare = len(found), found.loc[found["strong"], "gist"], int((~found["named"]).sum())
    if bare == of:
        return "No evidence is named for " + (f"any of the {of} recommendations." if of > 1 else "the one recommendation.")
    if of == 1:
        claim = f"The one recommendation rests on {'strong' if len(strong) else 'weaker'} evidence."
    elif strong.empty:
        claim = f"None of the {of} recommendations rests on strong evidence."
    elif len(strong) == of:
        claim = f"All {of} recommendations rest on strong evidence."
    else:
        claim = f"Of {of} recommendations, {len(strong)} {'rests' if len(strong) == 1 else 'rest'} on strong evidence."
    first = [f"{'It' if len(strong) == 1 else 'The first'} is {quote(split_claim(gist)[0].rstrip('.'))}." for gist in strong]
    return " ".join([claim, *first[:1], *([f"No evidence is named for {bare}."] if bare else [])])


def say_loose_ends(
    loose_ends: pd.DataFrame, evidence: pd.DataFrame, favour: pd.DataFrame, themes: pd.DataFrame, study: Study
) -> str:
    """What no evidence supports and no recommendation takes up; empty if the study names no evidence at all."""
    if evidence["kind"].eq("none").all():
        return ""
    ends = loose_ends.assign(name=name_items(loose_ends["id"], study))
    low, high = (
        [f"{row.name} ({describe_favour(row)})" for row in ends[ends["stands_out"] == side].itertuples()]
        for side in ("below", "above")
    )
    spoken = [f"{row.id} ({row.numerator:g} of {row.denominator:g})" for row in ends[ends["kind"] == "theme"].itertuples()]
    half = f"{'Coded for' if name_text(study) == 'gist' else 'Raised by'} at least half of the people"
    found = {"Clearly less favourable": low, "Clearly more favourable": high, half: spoken}
    bare = ends.loc[ends["kind"] == "recommendation", "name"]
    said = [f"No evidence is named for {listed(bare)}."] if len(bare) else []
    said += [f"{what}, but not named by any recommendation: {listed(names)}." for what, names in found.items() if len(names)]
    known = " shown here" if favour["share"].isna().any() or themes["numerator"].isna().any() else ""
    return " ".join(said) or f"Every clear finding{known} is taken up by a recommendation."
