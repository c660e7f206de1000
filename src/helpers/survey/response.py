"""Who responded, how far they got, how carefully they answered, and how much non-respondents could change the result."""

from itertools import product

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.terms import ANSWERED, MISSING
from helpers.survey.distributions import count_invited, list_groups, list_options, wilson_interval
from helpers.survey.scoring import spread_items

UNITS = ["responses", "responses with an answer to an item"]
NOT_GIVEN = "[not defined: the study gives no number invited]"
TOO_MANY = "[not defined: more people responded than the study says were invited]"
# How many people with a known duration must have got as far before we call any of them fast, and how many items with the same
# answer make a straight line (this project's rules).
FEWEST_TO_COMPARE, STRAIGHT_LINE = 5, 6
TOO_FEW = f"[not known whether fast: fewer than {FEWEST_TO_COMPARE} people with a duration got as far]"


def describe_response(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """How many people responded, how many of them answered an item, and what share of those invited that is.

    Returns
    -------
    DataFrame
        `unit, responded, invited, response_rate`, with a row for each of `UNITS`. Rates are in per cent, without an interval
        because everybody invited is counted. `invited` and the rates are missing where `count_invited` is.
        Raises a `WorkbookError` if more people responded than were invited.
    """
    counts = [len(respondents), int((respondents["items_answered"] > 0).sum())]
    number = count_invited(study)
    if counts[0] > number:
        raise WorkbookError(
            study.folder / "study.yml", "survey.invited.number", f"{number}, fewer than the {counts[0]} who responded",
            "at least as many people invited as responded", "correct the number invited",
        )  # fmt: skip
    table = pd.DataFrame({"unit": UNITS, "responded": counts, "invited": float(number)})
    return table.assign(response_rate=100 * table["responded"] / table["invited"])


def count_groups(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """Respondents in each group of every grouping, including empty groups.

    `grouping` (the name that readers see), `group, numerator, denominator, share`, over respondents whose group is known.
    """
    rows = [
        (grouping.label, group, int((respondents[name] == group).sum()), int(respondents[name].notna().sum()))
        for name, grouping in study.survey.groupings.items()
        for group in respondents[name].cat.categories
    ]
    table = pd.DataFrame(rows, columns=["grouping", "group", "numerator", "denominator"])
    return table.assign(share=100 * table["numerator"] / table["denominator"])


def compare_every_margin(study: Study, respondents: pd.DataFrame) -> pd.DataFrame:
    """Respondents compared with the people invited, for each grouping whose margins the study gives.

    Returns
    -------
    DataFrame
        `grouping` (the name that readers see), `group, responded, invited, response_rate, share_of_invited,
        share_of_respondents, note`. Shares are of all people invited and of all respondents, over the groups that have a
        margin, in per cent. Empty if the study gives no margins.
    """
    columns = ["grouping", "group", "responded", "invited", "response_rate", "share_of_invited", "share_of_respondents", "note"]
    parts = [pd.DataFrame(columns=columns)]
    for name, invited in (study.survey.invited.margins if study.survey.invited else {}).items():
        groups = list(dict.fromkeys([*invited, *list_groups(respondents[name])]))
        table = pd.DataFrame({"grouping": study.survey.groupings[name].label, "group": groups})
        responded = table["group"].map(respondents[name].value_counts().to_dict()).fillna(0).astype(int)
        margin = table["group"].map(invited).astype(float)
        margin = margin.where(margin > 0)
        note = np.select([margin.isna(), responded > margin], [NOT_GIVEN, TOO_MANY], "")
        counted = responded.where(margin.notna())
        parts.append(table.assign(
            responded=responded, invited=margin, response_rate=100 * responded / margin.where(note == ""),
            share_of_invited=100 * margin / max(margin.sum(), 1), share_of_respondents=100 * counted / max(counted.sum(), 1),
            note=note,
        ))  # fmt: skip
    return pd.concat(parts[1:] or parts, ignore_index=True)[columns]


def describe_completion(responses: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """How far respondents got, section by section; "not relevant" counts as an answer.

    Returns
    -------
    DataFrame
        `section, items, started, numerator, denominator, share, low, high, note`, in questionnaire order. `started` counts
        people who answered an item of the section, `numerator` those who answered all. In per cent, with Wilson's interval.
    """
    given = spread_items(responses, responses["status"].ne(MISSING), codebook["item"]).eq(1)
    rows = [
        (section, len(items), given[items].any(axis=1).sum(), given[items].all(axis=1).sum())
        for section, items in codebook.groupby("section", sort=False)["item"]
    ]
    table, n = pd.DataFrame(rows, columns=["section", "items", "started", "numerator"]), len(given)
    table = table.assign(denominator=n, share=100 * table["numerator"] / (n or np.nan))
    note = "" if n else "[not defined: no respondents]"
    return table.join(wilson_interval(table["numerator"], table["denominator"])).assign(note=note)


def flag_response_quality(
    respondents: pd.DataFrame, responses: pd.DataFrame, codebook: pd.DataFrame, speed_share: float = 0.5
) -> pd.DataFrame:
    """Flag speeders and straight-liners. Nobody is dropped: the analyst decides what to do about a flag.

    `respondents`: `respondent, duration_seconds`. Leave out people who answered nothing: they would lower the median.
    `speed_share`: a speeder took less than this share of the median duration of people who got as far as they did (breaking
    off early is not speed). One half is the relative speed index of 2 in Leiner 2019, Surv Res Methods 13:229–248.

    A straight-liner chose the same point (in raw direction) for every item they answered on a scale, and for at least
    `STRAIGHT_LINE` items; "not relevant" is ignored.

    Returns `respondent, duration_seconds, section, speeder, straight_liner, note`; each row is one respondent, and `section` is
    the last one in which they answered an item. `note` says why `speeder` is missing: no duration, or too few to compare.
    """
    duration = respondents["duration_seconds"]
    places, sections = pd.factorize(codebook["section"])
    given = spread_items(responses, responses["status"].ne(MISSING), codebook["item"]).eq(1)
    last = respondents["respondent"].map(given.mul(places).max(axis=1).where(given.any(axis=1)))
    compared = duration.groupby(last)
    few = ~compared.transform("count").ge(FEWEST_TO_COMPARE)
    speeder = duration.lt(speed_share * compared.transform("median")).astype("boolean").mask(duration.isna() | few)
    points = spread_items(responses, responses["value"].where(responses["status"].eq(ANSWERED)), codebook["item"])
    scales = [points[items] for _, items in codebook.groupby("scale")["item"]]
    straight = [part.count(axis=1).ge(STRAIGHT_LINE) & part.max(axis=1).eq(part.min(axis=1)) for part in scales]
    return respondents[["respondent", "duration_seconds"]].assign(
        section=last.map(dict(enumerate(sections))),
        speeder=speeder,
        straight_liner=respondents["respondent"].isin(points.index[np.any(straight, axis=0)]),
        note=np.select([duration.isna(), few], ["[not defined: no duration recorded]", TOO_FEW], ""),
    )


def keep_flagged(flags: pd.DataFrame) -> pd.DataFrame:
    """The rows of `flag_response_quality` that have a flag."""
    return flags[flags["speeder"].fillna(False).astype(bool) | flags["straight_liner"]]


# --- those who did not answer -----------------------------------------------------------------------------------------
def mark_favourable(responses: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Add `headline` and `favourable` to the answers.

    `headline` is the label of the item's construct if that has a score, or else the item's own. `favourable` is 1 in the
    scale's top band (bottom band for a negatively worded item), 0 elsewhere on the scale, and missing for "not relevant".
    """
    labels = {key: construct.label for key, construct in study.scored_constructs.items()}
    names = study.items["construct"].map(labels).fillna(study.item_names)
    bands = {item: study.scale_of(item).bands[0 if turned else -1] for item, turned in study.items["reversed"].items()}
    options = list_options(study.codebook, study.scales)
    wanted = options.loc[options["band"].eq(options["item"].map(bands)), ["item", "response"]]
    given = responses[responses["status"].ne(MISSING)]
    favourable = pd.MultiIndex.from_frame(given[["item", "response"]]).isin(pd.MultiIndex.from_frame(wanted))
    headline = pd.Categorical(names, names.unique()).take(names.index.get_indexer(given["item"]))
    favourable = pd.Series(favourable, given.index, dtype=float).where(given["status"].eq(ANSWERED))
    return given.assign(headline=headline, favourable=favourable)


def find_tipping(n, silent, share):
    """The share of the `silent` that makes half of all invited favourable, in per cent; impossible outside 0 to 100."""
    return (50 * (n + silent) - n * share) / silent


def bound_silence(study: Study, responses: pd.DataFrame) -> pd.DataFrame:
    """How favourable would non-respondents have to be to change whether most of the people invited are favourable?

    Returns
    -------
    DataFrame
        `headline, n, silent, share, if_none, if_all, tipping, note`, for each construct and each unscored item. `share` is the
        favourable share of the answers of `n` people. The `silent` gave no answer; with them the share would be `if_none` or
        `if_all` if none or all of them were favourable, and one half at `tipping`. In per cent. Empty if the number invited is
        not known.

    Bounds without assumptions: Manski 1989, J Hum Resour 24:343–360.
    """
    marked, invited = mark_favourable(responses, study), count_invited(study)
    found, relevant = (rows.groupby("headline", observed=False) for rows in (marked, marked.dropna(subset="favourable")))
    n, share = relevant["respondent"].nunique(), 100 * relevant["favourable"].mean()
    silent = invited - found["respondent"].nunique()
    tipping = find_tipping(n, silent.where(silent > 0), share)
    notes = {
        "[not defined: nobody chose a point of the scale]": n == 0,
        "[not defined: everybody answered]": silent == 0,
        "most are favourable, whatever the others think": tipping < 0,
        "most are not favourable, whatever the others think": tipping > 100,
    }
    table = pd.DataFrame({
        "n": n, "silent": silent, "share": share, "if_none": n * share / (n + silent),
        "if_all": (n * share + 100 * silent) / (n + silent), "tipping": tipping.where(tipping.between(0, 100)),
        "note": np.select(list(notes.values()), list(notes), ""),
    })  # fmt: skip
    return table[silent.notna()].reset_index().astype({"headline": object})


def weigh_by_margins(study: Study, responses: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """Favourable shares with each group weighted by how many of its people were invited, for every grouping with margins.

    Returns
    -------
    DataFrame
        `grouping, headline, n, n_effective, share, share_weighted, note`: people whose group has a margin, the size of a random
        sample that would be as exact (Kish 1965, Survey Sampling, section 11.7), and their favourable answers in per cent, as
        given and weighted. `note` names groups in which nobody answered: no weight corrects that. Empty without margins.
    """
    margins, parts = study.survey.invited.margins if pd.notna(count_invited(study)) else {}, []
    marked = mark_favourable(responses if margins else responses[:0], study).dropna(subset="favourable")
    answers = marked.groupby(["headline", "respondent"], observed=True)["favourable"].agg(["sum", "size"]).reset_index()
    for (name, invited), (headline, people) in product(margins.items(), answers.groupby("headline", observed=True)):
        wanted = pd.Series(invited).loc[lambda numbers: numbers > 0]
        group = people["respondent"].map(respondents.set_index("respondent")[name].astype(object))
        people, group = people[group.isin(wanted.index)], group[group.isin(wanted.index)]
        if people.empty:
            continue
        weight, empty = group.map(wanted / group.value_counts()), wanted.index.difference(group, sort=False)
        parts.append({
            "grouping": study.survey.groupings[name].label, "headline": headline, "n": len(people),
            "n_effective": weight.sum() ** 2 / (weight**2).sum(), "share": 100 * people["sum"].sum() / people["size"].sum(),
            "share_weighted": 100 * (weight * people["sum"]).sum() / (weight * people["size"]).sum(),
            "note": f"nobody answered from {', '.join(empty)}" if len(empty) else "",
        })  # fmt: skip
    return pd.DataFrame(parts, columns=["grouping", "headline", "n", "n_effective", "share", "share_weighted", "note"])
