"""What notebook 2 shows: item distributions, construct scores, reliability."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers.page import charts, render
from helpers.page.page import Page
from helpers.page.words import between, counted, decimals, listed, mean_cell, name_mean, percent, ratio, share_cell, whole
from helpers.study.definition import Study
from helpers.survey import distributions
from helpers.survey.reliability import ALL_ITEMS

# How many items NoMAD has in each construct, and in all (Finch et al. 2018).
NOMAD_ITEMS = {
    "coherence": 4, "cognitive_participation": 4, "collective_action": 7, "reflexive_monitoring": 5, ALL_ITEMS: 20,
}  # fmt: skip


def choose_population(study: Study, finite_population: bool) -> int | None:
    """The number invited when the parameter asks for the correction and the study gives it."""
    invited = study.survey.invited
    return invited.number if finite_population and invited else None


def tabulate_bands(study: Study, bands: pd.DataFrame, scale: str) -> pd.DataFrame:
    """One row an item of the scale, one column a band: count, percentage of all who answered, interval."""
    here = bands[bands["item"].isin(study.items_on(scale)["item"])]
    shown = map(share_cell, here["numerator"], here["denominator"], here["low"], here["high"], here["least"])
    cells = here.assign(cell=list(shown))
    wide = cells.pivot(index="item", columns="band", values="cell")
    items = study.items_on(scale)["item"]
    wide = wide.reindex(index=items, columns=list(dict.fromkeys(here["band"])))
    answered = here.drop_duplicates("item").set_index("item")["denominator"]
    table = wide.reset_index(drop=True)
    table.insert(0, "Item", study.item_names[items].to_list())
    table.insert(1, "Answered", [whole(n) for n in answered[items]])
    return table


def show_bands(page: Page, bands: pd.DataFrame, population: int | None = None) -> HTML:
    study = page.run.study
    return render.together(
        page.table(
            tabulate_bands(study, bands, scale), f"bands_{scale}",
            f"Answers by band, {scale} items: respondents (percentage of all who answered; 95% CI)", basis="margins",
            shared=True,
            notes="Percentages are in the direction in which an item is worded. All kinds of not relevant stand together."
            + (f" Intervals are narrowed for {population:,} people invited." if population else ""),
        )
        for scale in study.used_scales
    )  # fmt: skip


def show_relevant(page: Page, bands: pd.DataFrame) -> HTML:
    """The top band over the other denominator: those for whom the item is relevant."""
    study = page.run.study
    tops = study.codebook["item"].map(lambda item: study.scale_of(item).bands[-1]).set_axis(study.codebook["item"])
    top = bands[bands["band"] == bands["item"].map(tops)]
    least = top["least"].where(top["numerator"].isna())
    shares = {
        "answered": map(share_cell, top["numerator"], top["denominator"], top["low"], top["high"], least),
        "relevant": map(
            share_cell,
            top["numerator"].where(top["denominator_relevant"].notna()),
            top["denominator_relevant"],
            top["low_relevant"],
            top["high_relevant"],
        ),
    }
    table = pd.DataFrame({
        "Item": study.item_names[top["item"]].to_list(),
        "Band": top["band"],
        "All who answered": [whole(n) for n in top["denominator"]],
        "Of them (%; 95% CI)": list(shares["answered"]),
        "Relevant to": [whole(n) for n in top["denominator_relevant"]],
        "Of those (%; 95% CI)": list(shares["relevant"]),
    })  # fmt: skip
    caption = "The top band of each item over both denominators: all who answered, and those to whom the item is relevant"
    return page.table(table, "denominators", caption, basis="margins", shared=True)


def count_by_point(study: Study, counts: pd.DataFrame, scale: str) -> tuple[pd.DataFrame, pd.Series]:
    """Respondents by item and point of the scale, and those who found the item not relevant."""
    items = study.items_on(scale)["item"]
    here = counts[counts["item"].isin(items)]
    wide = here[here["relevant"]].pivot(index="item", columns="response", values="numerator")
    aside = here[~here["relevant"]].groupby("item")["numerator"].sum()
    names = study.item_names[items].to_list()
    wide = wide.reindex(index=items, columns=study.scales[scale].labels).set_axis(names)
    return wide, aside.reindex(items, fill_value=0).set_axis(names)


def show_told(page: Page, bands: pd.DataFrame) -> HTML:
    """For a funder, a figure of the bands that may be told, a scale each; the team has the whole distribution below."""
    if not page.threshold:
        return render.NOTHING
    study, figures = page.run.study, []
    for scale, points in study.used_scales.items():
        items = study.items_on(scale)["item"]
        here = bands[bands["item"].isin(items) & bands["denominator"].notna()]
        if here.empty:
            continue
        share = 100 * here["least"] / here["denominator"]
        exact, least = share.map(percent).str.removesuffix("%"), share.fillna(0).astype(int).astype(str) + "+"
        cells = here.assign(share=share, text=exact.where(here["numerator"].notna(), least))
        rows, columns = [item for item in items if item in set(here["item"])], list(dict.fromkeys(here["band"]))
        names = study.item_names[rows].to_list()
        shares, texts = (
            cells.pivot(index="item", columns="band", values=value).reindex(index=rows, columns=columns).set_axis(names)
            for value in ("share", "text")
        )
        drawn = charts.draw_told(shares, texts, points)
        figures.append(page.figure(
            drawn, f"bands_{scale}", f"Answers to the {len(shares)} {scale} items by band",
            alt=say_extremes(study, bands, scale), data=tabulate_bands(study, bands, scale), basis="margins", shared=True,
        ))  # fmt: skip
    return render.together(figures)


def show_diverging(page: Page, counts: pd.DataFrame, bands: pd.DataFrame) -> HTML:
    """A figure of diverging bars for each scale."""
    study, figures = page.run.study, []
    for scale, points in study.used_scales.items():
        by_point, aside = count_by_point(study, counts, scale)
        drawn = charts.draw_diverging(by_point, points, aside)
        data = by_point.assign(**{"Not relevant": aside}).rename_axis("Item").reset_index()
        figures.append(page.figure(
            drawn, f"diverging_{scale}", f"Answers to the {len(by_point)} {scale} items, parted at the scale's middle",
            alt=say_extremes(study, bands, scale), data=data,
        ))  # fmt: skip
    return render.together(figures)


def show_distributions(page: Page, counts: pd.DataFrame, bands: pd.DataFrame) -> HTML:
    """A figure of 100% bars for each scale: the full distribution."""
    study, figures = page.run.study, []
    for scale, points in study.used_scales.items():
        by_point, _ = count_by_point(study, counts, scale)
        figures.append(page.figure(
            charts.draw_stacked(by_point, points), f"distribution_{scale}",
            f"Full distribution of the {len(by_point)} {scale} items: respondents at each point of the scale",
            alt=f"Bars from {points.labels[0]} to {points.labels[-1]}, one an item, over those who chose a point. "
            f"Over all who answered: {say_extremes(study, bands, scale)}",
            data=by_point.rename_axis("Item").reset_index(),
        ))  # fmt: skip
    return render.together(figures)


def say_every_scale(study: Study, bands: pd.DataFrame) -> str:
    return " ".join(say_extremes(study, bands, scale) for scale in study.used_scales)


def say_extremes(study: Study, bands: pd.DataFrame, scale: str) -> str:
    """The items with the largest and the smallest share in the scale's top band, of all who answered; ties together."""
    top = study.scales[scale].bands[-1]
    positive = study.items_on(scale).loc[~study.items_on(scale)["reversed"], "item"]
    here = bands[bands["item"].isin(positive) & (bands["band"] == top) & (bands["denominator"] > 0)]
    if here.empty:
        return f"Nobody answered an item of the scale “{scale}” that is worded positively."
    # Items of which nearly all answers lie in the band are not told apart, so they share the first place.
    here = here.assign(share=here["most"] / here["denominator"])
    told = here[here["share"].notna()]
    if told.empty:
        return f"Of no item of the scale “{scale}” may the share in the band “{top}” be told."
    some = "" if len(told) == len(here) else f" whose share may be told (of {len(here)})"
    here = told

    def describe(share: float) -> str:
        tied = here[here["share"] == share]
        first = tied.iloc[0]
        of = ratio(first["numerator"], first["denominator"], first["low"], first["high"], first["least"])
        if len(tied) == 1:
            return f"{first['item']}, {first['label'].lower()}: {of}"
        if tied["denominator"].nunique() > 1 and first["least"] < first["most"]:
            return f"{listed(tied['item'])}: {int(100 * (tied['least'] / tied['denominator']).min())}% or more each"
        return f"{listed(tied['item'])}: {of} each" if tied["denominator"].nunique() == 1 else f"{listed(tied['item'])}: {of}"

    largest, smallest = here["share"].max(), here["share"].min()
    items = f"{counted(len(here), f'{scale} item')} worded positively{some}"
    words = f"Of the {items}, the largest share of answers in the band “{top}” "
    if largest == smallest:
        alike = "is the same at all" if here["numerator"].notna().all() else "is nearly everybody's at all"
        return f"{words}{alike}: {describe(largest)}."
    return f"{words}is at {describe(largest)}; the smallest at {describe(smallest)}."


def label_items(study: Study, described: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Item": study.item_names[described["item"]].to_list(),
        "Answered on the scale": described["denominator_relevant"],
        "Median": described["median"],
        "Quartiles": [between(r.q1, r.q3, 1) if r.denominator_relevant else "[none]" for r in described.itertuples()],
        "Not relevant: to role": described["not_relevant_role"],
        "At this stage": described["not_relevant_stage"],
        "To the practice": described["not_relevant_intervention"],
        "Missing": described["missing"],
    })  # fmt: skip


def say_not_relevant(bands: pd.DataFrame) -> str:
    """How many items somebody called not relevant, and the items called so most often; withheld counts are told of first."""
    aside = bands[bands["band"] == distributions.NOT_RELEVANT_BAND]
    found = aside[aside["numerator"] > 0]
    items, withheld = len(aside), int(aside["numerator"].isna().sum())
    if withheld:
        most = found[found["numerator"] == found["numerator"].max()]
        told = "; ".join(
            f"{r.item}, {ratio(r.numerator, r.denominator, r.low, r.high)}" for r in most.itertuples()
        )
        rest = f" The largest that may be told: {told}." if told else ""
        return f"How many called an item not relevant is withheld for {withheld} of {counted(items, 'item')}.{rest}"
    if found.empty:
        return "No item was called not relevant by anybody."
    most = found[found["share"] == found["share"].max()]
    first = most.iloc[0]
    share = ratio(first["numerator"], first["denominator"], first["low"], first["high"])
    return (
        f"{counted(len(found), 'item')} of {items} {'was' if len(found) == 1 else 'were'} called not relevant by somebody; "
        f"most often {listed(most['item'] + ', ' + most['label'].str.lower())}: {share}."
    )


def label_scores(study: Study, described: pd.DataFrame, threshold: int = 0) -> pd.DataFrame:
    """Scores as a table; for a funder without what tells of single people.

    Medians and quartiles are single respondents' scores, and the number with a score tells how many did not choose a point.
    """
    table = pd.DataFrame({
        "Construct": described["construct"].map(lambda key: study.construct_name(key)),
        "What it is about": [study.constructs[key].gist or "–" for key in described["construct"]],
        "Respondents with a score": described["n"],
        "Median": [decimals(value) for value in described["median"]],
        "Quartiles": [between(r.q1, r.q3) if r.n else "[none]" for r in described.itertuples()],
        name_mean(described): [mean_cell(r, threshold) for r in described.itertuples()],
    })  # fmt: skip
    return table.drop(columns=["Respondents with a score", "Median", "Quartiles"]) if threshold else table


def score_points(study: Study, scores: pd.DataFrame) -> pd.DataFrame:
    """Scores as `charts.draw_every_respondent` wants them: one panel, a row a construct."""
    labels = scores["construct"].map(lambda key: study.construct_name(key))
    return pd.DataFrame({"panel": "", "row": labels, "value": scores["score"]})


def show_scores(page: Page, scores: pd.DataFrame, described: pd.DataFrame) -> HTML:
    """Construct scores: every respondent drawn for the team, means with their intervals for a funder; table and sentence."""
    study = page.run.study
    sentence, table = say_scores(study, described, page.threshold), label_scores(study, described, page.threshold)
    if page.threshold:
        # Rounded as in the table: the coordinates of a drawing would tell more.
        means = described.round({"mean": 2, "low": 2, "high": 2})
        means = means.assign(label=means["construct"].map(study.construct_name), value=means["mean"])
        interval = ", with its 95% interval" if means["low"].notna().any() else ""
        drawn = charts.draw_intervals(means, f"Mean construct score{interval}", study.score_limits)
        caption = "Mean construct scores"
    else:
        drawn = charts.draw_every_respondent(score_points(study, scores), "Construct score", study.score_limits)
        caption = "Construct scores, every respondent drawn"
    return render.together([
        page.figure(drawn, "scores", caption, alt=sentence, data=table, shared=True),
        page.table(table, "scores", "Construct scores", notes=NOTE_ON_INTERVALS if page.threshold else "", shared=True),
        page.say(sentence, key="scores", shared=True),
    ])  # fmt: skip


NOTE_ON_INTERVALS = "An interval is given only where no answer to a construct's items is withheld."


def say_scores(study: Study, described: pd.DataFrame, threshold: int = 0) -> str:
    """Medians for the team; means for a funder, since a median is one or two respondents' own score."""
    known = described[described["mean"].notna()]
    low, high = study.score_limits
    if known.empty:
        return "No construct score can be shown."
    names = known["construct"].map(study.construct_name)
    if threshold:
        parts = [f"{name} {decimals(value)}" for name, value in zip(names, known["mean"], strict=True)]
        return f"Mean construct scores, from {low:g} to {high:g}: {listed(parts)}."
    medians = zip(names, known["median"], known["n"], strict=True)
    parts = [f"{name} {decimals(value)} (n = {n})" for name, value, n in medians]
    return f"Median construct scores, from {low:g} to {high:g}: {listed(parts)}."


def label_variants(study: Study, variants: pd.DataFrame) -> pd.DataFrame:
    changed = variants[variants["choice"] != "as reported"]
    return pd.DataFrame({
        "Construct": changed["construct"].map(lambda key: study.construct_name(key)),
        "Choice": changed["choice"].str.capitalize(),
        "Variant": changed["variant"],
        "Respondents with a score": changed["n"],
        "Mean": [decimals(value) for value in changed["mean"]],
        "Change of the mean": [decimals(value) for value in changed["difference"]],
    })  # fmt: skip


def say_variants(study: Study, variants: pd.DataFrame) -> str:
    changed = variants[variants["choice"] != "as reported"].dropna(subset="difference")
    if changed.empty:
        return "No score depends on these choices."
    most = changed.loc[changed["difference"].abs().idxmax()]
    return (
        f"The choice that moves a mean most is {most['choice']} ({most['variant']}) for "
        f"{study.constructs[most['construct']].label.lower()}: by {decimals(most['difference'])} points."
    )
