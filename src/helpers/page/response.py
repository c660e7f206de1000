"""What notebook 1 shows: who answered."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from helpers.page.style import HIGH_COLOURS, WIDTH, wrapped
from helpers.page.words import counted, decimals, listed, percent, ratio
from helpers.study.definition import Study


def say_responses(received: pd.DataFrame, study: Study) -> str:
    """How many responses there are, and how many of them answered an item."""
    if received["responded"].isna().any():
        return "Too few people answered an item for anything to be told of them."
    responses, answered = received["responded"].astype(int)
    return (
        f"{counted(responses, 'response was', 'responses were')} received. {answered} answered at least one of the "
        f"{counted(len(study.codebook), 'item')}."
    )


def say_response_rate(received: pd.DataFrame, study: Study) -> str:
    """The share of those invited that responded, and that answered an item; or why there is none."""
    if received["responded"].isna().any():
        return "Too few people answered for a response rate to be told."
    if study.survey.invited is None:
        return "The study does not say how many people were invited, so there is no response rate."
    if received["invited"].isna().any():
        return "The survey has several waves and one number of people invited, so there is no response rate."
    about = "about " if study.survey.invited.approximate else ""
    responses, answered = (
        f"{int(row.responded):,} {{}} ({about}{decimals(row.response_rate, 1)}%)" for row in received.itertuples()
    )
    return (
        f"Of {about}{counted(study.survey.invited.number, 'person', 'people')} invited, {responses.format('responded')}, and "
        f"{answered.format('answered at least one question')}."
    )


def draw_groups(groups: pd.DataFrame) -> np.ndarray:
    """A panel a grouping, a bar a group with its number and share; gives back the axes."""
    parts = list(groups.groupby("grouping", sort=False))
    heights = [len(rows) + 1.5 for _, rows in parts]
    drawn, all_axes = plt.subplots(
        len(parts), figsize=(WIDTH, 0.4 + 0.3 * sum(heights)), squeeze=False, sharex=True, height_ratios=heights
    )
    for (name, rows), axes in zip(parts, all_axes.flat, strict=True):
        bars = rows.assign(group=rows["group"].map(wrapped))
        sns.barplot(bars, x="numerator", y="group", color=HIGH_COLOURS[1], saturation=1, errorbar=None, ax=axes)
        texts = [f"{row.numerator} ({percent(row.share)})" if row.denominator else "0" for row in rows.itertuples()]
        axes.bar_label(axes.containers[0], texts, padding=3, fontsize=9)
        axes.set(title=f"{name}, known of {counted(rows['denominator'].iloc[0], 'person', 'people')}", xlabel="", ylabel="")
    axes.xaxis.get_major_locator().set_params(integer=True)
    drawn.supxlabel("Respondents", fontsize=9)
    return all_axes


def say_groups(groups: pd.DataFrame) -> str:
    """The largest groups and the number of groups under five, for each grouping."""
    sentences = []
    for label, rows in groups.groupby("grouping", sort=False):
        known, most = rows["denominator"].iloc[0], rows["numerator"].max()
        if known == 0:
            sentences.append(f"{label} is known for nobody.")
            continue
        largest = list(rows.loc[rows["numerator"] == most, "group"])
        words = f"the largest group is {largest[0]}" if len(largest) == 1 else f"the largest groups are {listed(largest)}"
        each = "" if len(largest) == 1 else " each"
        small = int(rows["numerator"].between(1, 4).sum())
        few = f" {counted(small, 'group has', 'groups have')} one to four people." if small else ""
        sentences.append(f"{label} is known for {known}; {words}, {ratio(most, known)}{each}.{few}")
    return " ".join(sentences)


def say_completion(completion: pd.DataFrame) -> str:
    """How many started the first section, and how many the last."""
    first, last = completion.iloc[0], completion.iloc[-1]
    if any(pd.isna(row[name]) for row in (first, last) for name in ("started", "denominator")):
        return "Where people stopped is not told: too few went on."
    began = f"{first['started']:g} of {counted(first['denominator'], 'person', 'people')} began the first section"
    return f"{began}, and {last['started']:g} the last." if len(completion) > 1 else f"{began}."


def say_quality(flags: pd.DataFrame, speed_share: float) -> str:
    """How many answered fast, or always the same."""
    timed = flags["speeder"].dropna()
    speed = "Nobody could be compared in time with others who came as far. "
    fast, same = int(timed.sum()), int(flags["straight_liner"].sum())
    if len(timed):
        of = f"of the {counted(len(timed), 'person', 'people')} who can be compared took less than {percent(100 * speed_share)}"
        speed = f"{fast or 'None'} {of} of the median time of those who came as far. "
    alike = f"{counted(same, 'person', 'people') if same else 'Nobody'} chose the same point for every item of a scale."
    return speed + alike + " We dropped nobody for it." * bool(fast or same)


# --- those who did not answer -----------------------------------------------------------------------------------------
def say_silence(silence: pd.DataFrame, study: Study) -> str:
    """Whether those who did not answer could turn what most answers of all invited say, construct by construct."""
    labels = [construct.label for construct in study.scored_constructs.values()]
    rows = silence[silence["headline"].isin(labels) & silence["silent"].gt(0)].dropna(subset="share")
    rows = rows.sort_values("share", ascending=False, kind="stable")
    if rows.empty:
        return ""
    about = "about " if study.survey.invited.approximate else ""
    invited = f"{about}{counted(study.survey.invited.number, 'person', 'people')} invited"
    highest, *others = rows.itertuples()
    opening = f"{rows['n'].max():g} of {invited} answered these questions. {percent(highest.share)} of the answers on "
    opening += f"{highest.headline} were favourable"
    opening += f", the most, and {percent(others[-1].share)} of those on {others[-1].headline}, the fewest." if others else "."
    fixed, most = rows["tipping"].isna(), rows["share"] > 50
    # Rounded away from the turning points, so that the sentences hold as printed.
    less, more = np.floor(rows["tipping"][most].min()), np.ceil(rows["tipping"][~most].max())
    told = {
        f"if fewer than {less:g}% of the answers of the silent were favourable, most answers of all invited would not be": most
        & ~fixed,
        f"if more than {more:g}% of the answers of the silent were favourable, most answers of all invited would be": ~most
        & ~fixed,
        "most answers of all invited are favourable, whatever the silent would say": most & fixed,
        "most answers of all invited are not favourable, whatever the silent would say": ~most & fixed,
    }
    parts = [(words, listed(rows["headline"][which])) for words, which in told.items() if which.any()]
    ends = [f"{names}: {words}." for words, names in parts] if len(parts) > 1 else [f"{parts[0][0].capitalize()}."]
    return " ".join([opening, *ends])
