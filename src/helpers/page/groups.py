"""What notebook 3 shows: groups compared, and the next survey planned."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers.disclosure.survey import protect_bands, protect_means
from helpers.page import charts, render
from helpers.page.page import Page
from helpers.page.words import between, counted, decimals, listed, mean_cell, name_mean, p_value
from helpers.study.definition import Study
from helpers.study.terms import ANSWERED, MISSING, STATUSES
from helpers.survey import distributions, planning, pooling, scoring
from helpers.survey.groups import compare_groups, compare_ordered_groups
from helpers.survey.pairs import compare_pairs
from helpers.survey.waves import compare_linked_waves


def show_groups(page: Page, scores: pd.DataFrame, respondents: pd.DataFrame, min_group_size: int) -> HTML:
    """For each grouping, every respondent's score by (pooled) group; for the team."""
    if page.threshold:
        return render.NOTHING
    study, figures = page.run.study, []
    for name, grouping in study.survey.groupings.items():
        joined = pooling.join_groups(scores, respondents, name, min_group_size).dropna(subset=["group", "score"])
        if joined.empty:
            figures.append(page.say(f"{grouping.label}: nobody has both a score and a group."))
            continue
        points = pd.DataFrame({
            "panel": joined["construct"].map(lambda key: study.construct_name(key)),
            "row": joined["group"].astype(str), "value": joined["score"], "order": joined["group"].cat.codes,
        }).sort_values("order", kind="stable")  # fmt: skip
        data = points.groupby(["panel", "row"], sort=False)["value"].agg(["count", "median"]).round(2).reset_index()
        figures.append(page.figure(
            charts.draw_every_respondent(points, "Construct score", study.score_limits), f"scores_{name}",
            f"Construct scores by {grouping.label.lower()}, every respondent drawn",
            alt=f"A panel a construct, a row a group: {listed(dict.fromkeys(points['row']))}. {say_medians(data)}",
            data=data.set_axis(["Construct", grouping.label, "Respondents", "Median"], axis=1),
        ))  # fmt: skip
    return render.together(figures) if figures else page.say("The study declares no groupings.", basis="published")


def say_medians(data: pd.DataFrame) -> str:
    """The lowest and the highest median of a group, for those who cannot see the points."""
    low, high = data.loc[data["median"].idxmin()], data.loc[data["median"].idxmax()]
    return (
        f"Medians run from {decimals(low['median'])} ({low['row']}, {low['panel'].lower()}) to {decimals(high['median'])} "
        f"({high['row']}, {high['panel'].lower()})."
    )


def compare_every_grouping(
    study: Study, scores: pd.DataFrame, respondents: pd.DataFrame, min_group_size: int, permutations: int, seed: int
) -> pd.DataFrame:
    """`groups.compare_groups` for every grouping, with the test for order as well where levels are ordered.

    Returns
    -------
    DataFrame
        The columns of `groups.compare_groups` and, before them, `grouping, label, test`.
    """
    parts = []
    for name, grouping in study.survey.groupings.items():
        tests = [("Kruskal–Wallis", "epsilon squared", compare_groups)]
        if grouping.ordered:
            tests.append(("Jonckheere–Terpstra", "tau-b", compare_ordered_groups))
        for test, effect, compare in tests:
            found = compare(scores, respondents, name, min_group_size, permutations, seed)
            parts.append(found.assign(grouping=name, label=grouping.label, test=test, effect_name=effect))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def label_comparisons(study: Study, found: pd.DataFrame, threshold: int = 0) -> pd.DataFrame:
    """Tests as a table; for a funder the verdict alone, since effects and p-values can tell of one or two people."""
    table = pd.DataFrame({
        "Construct": [study.construct_name(key) for key in found["construct"]],
        "Grouping": found["label"],
        "Test": found["test"] + found["method"].map(lambda method: f" ({method})" if method else ""),
        "Respondents": found["n"],
        "Groups": found["groups"],
        "Effect": [
            "[not defined]" if pd.isna(r.effect) else f"{r.effect_name} {decimals(r.effect)}" for r in found.itertuples()
        ],
        "p": [p_value(value) for value in found["p"]],
        "p, Holm": [p_value(value) for value in found["p_holm"]],
        "Smallest p possible": [p_value(value) for value in found["smallest_p"]],
        "Note": found["note"].replace("", "–"),
    })  # fmt: skip
    if not threshold:
        return table
    verdict = found["p_holm"].lt(0.05).map({True: "yes", False: "no"})
    return table[["Construct", "Grouping"]].assign(Test=found["test"], **{"Corrected p under .05": verdict})


NOTE_ON_TESTS = (
    "Epsilon squared runs from 0 to 1, tau-b from −1 to 1. Holm's correction is over the constructs of one test. The smallest "
    "possible p says what groups of these sizes could show at best."
)


def keep_told(page: Page, found: pd.DataFrame, scores: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """For a funder, the tests of constructs whose mean may be told beside the same people's answers.

    They are the team's own tests, over the team's groups, so that nobody reads another verdict.
    """
    if not page.threshold or found.empty:
        return found
    means = describe_told(page, scores, respondents).set_index("construct")["mean"]
    return found[found["construct"].map(means).notna()]


def describe_told(page: Page, scores: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Scores of some respondents, as far as they may be told beside the same people's answers."""
    study, people = page.run.study, people[["respondent"]]
    described = scoring.describe_scores(scores.merge(people))
    if not page.threshold:
        return described
    responses = page.run.read("responses").merge(people)
    counts = distributions.count_responses(responses, study.codebook, study.scales)
    bands = protect_bands(distributions.count_bands(responses, study.codebook, study.scales), page.threshold)
    return protect_means(described, counts, bands, study.codebook, study.scales, page.threshold)


def say_comparisons(found: pd.DataFrame, threshold: int = 0) -> str:
    """How many comparisons fall under .05 after correction, grouping by grouping; never "no difference"."""
    sentences = []
    for (label, test), rows in found.groupby(["label", "test"], sort=False):
        # For a funder a test that is not defined counts with the others: that all scores are alike is told to nobody.
        tested = rows if threshold else rows[rows["p_holm"].notna()]
        if tested.empty:
            sentences.append(f"{label}: no construct could be compared.")
            continue
        under = int(tested["p_holm"].lt(0.05).sum())
        rest = "." if threshold else f"; the smallest is {p_value(tested['p_holm'].min())}."
        sentences.append(f"{label} ({test}): {under} of {counted(len(tested), 'construct')} with a corrected p under .05{rest}")
    caution = " A p above .05 is no evidence that groups are alike: small groups show only large differences."
    return " ".join(sentences) + (caution if threshold or found["p_holm"].notna().any() else "")


def show_comparisons(page: Page, scores, respondents, min_group_size: int, permutations: int, seed: int) -> HTML:
    """The tests for every grouping: sentence and table."""
    found = compare_every_grouping(page.run.study, scores, respondents, min_group_size, permutations, seed)
    found = keep_told(page, found, scores, respondents)
    if found.empty:
        return page.say("There are no groups that can be compared.", basis="published", shared=True)
    table, notes = label_comparisons(page.run.study, found, page.threshold), "" if page.threshold else NOTE_ON_TESTS
    return render.together([
        page.table(table, "comparisons", "Comparison of groups, construct by construct", notes=notes, shared=True),
        page.say(say_comparisons(found, page.threshold), key="groups", shared=True),
    ])  # fmt: skip


def label_pairs(study: Study, pairs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Pair": pairs["group_a"].astype(str) + " against " + pairs["group_b"].astype(str),
        "Construct": [study.construct_name(key) for key in pairs["construct"]],
        "Respondents": pairs["n_a"].astype(str) + " and " + pairs["n_b"].astype(str),
        "Cliff's delta (95% CI)": [
            decimals(r.delta) + (f" ({between(r.low, r.high)})" if pd.notna(r.low) else " (interval withheld)")
            for r in pairs.itertuples()
        ],
        "Dunn's p": [p_value(value) for value in pairs["p"]],
        "p, Holm": [p_value(value) for value in pairs["p_holm"]],
        "Smallest p possible": [p_value(value) for value in pairs["smallest_p"]],
    })  # fmt: skip


def show_pairs(page: Page, scores, respondents, min_group_size: int, resamples: int, seed: int) -> HTML:
    if page.threshold:
        return render.NOTHING
    study, tables = page.run.study, []
    for name, grouping in study.survey.groupings.items():
        pairs = compare_pairs(scores, respondents, name, min_group_size, resamples, seed)
        if pairs.empty:
            tables.append(page.say(f"{grouping.label}: there are no two groups to compare."))
            continue
        tables.append(page.table(
            label_pairs(study, pairs), f"pairs_{name}", f"Pairs of groups, {grouping.label.lower()}",
            notes="Delta is positive when the first scores higher. Dunn's test is two-sided; Holm over a construct's pairs.",
        ))  # fmt: skip
    return render.together(tables)


def show_waves(page: Page, scores: pd.DataFrame, respondents: pd.DataFrame, permutations: int, seed: int) -> HTML:
    """Each wave against the one before it: different people, and the same people where keys link them."""
    study, waves = page.run.study, list(page.run.study.survey.files)
    if len(waves) == 1:
        text = (
            "This survey was held once, so it cannot show a change: for that, the same questions must be asked before and "
            "after."
        )
        return page.say(text, basis="published", shared=True)
    linked = {
        pair: compare_linked_waves(scores, respondents, *pair, permutations, seed)
        for pair in zip(waves, waves[1:], strict=False)
    }
    described = describe_waves(page, scores, respondents)
    table = label_waves(study, described, page.threshold)
    shown = [page.table(table, "by_wave", "Construct scores in each wave", shared=True)]
    for (earlier, later), pairs in linked.items():
        both = respondents[respondents["wave"].isin([earlier, later])]
        both = both.assign(wave=both["wave"].cat.remove_unused_categories())
        independent = keep_told(page, compare_groups(scores, both, "wave", 1, permutations, seed), scores, both)
        words = {"label": f"{earlier} and {later}", "test": "Kruskal–Wallis", "effect_name": "epsilon squared"}
        table = label_comparisons(study, independent.assign(**words), page.threshold)
        if len(table):
            caption = f"Waves {earlier} and {later}, as if nobody had answered twice"
            shown.append(page.table(table, f"waves_{earlier}_{later}", caption, shared=True))
        shown.append(page.say(say_changes(study, pairs, described, earlier, later), key=f"waves {earlier} {later}"))
        shown.append(page.table(
            label_changes(study, pairs), f"linked_{earlier}_{later}", f"The same people in {earlier} and {later}"
        ))  # fmt: skip
    return render.together(shown)


def describe_waves(page: Page, scores: pd.DataFrame, respondents: pd.DataFrame) -> pd.DataFrame:
    """Scores of each wave, construct by construct.

    For a funder the mean of a wave is withheld where few of the people found in it and in a later one changed: the
    difference of two means would count them.
    """
    waves, parts = list(page.run.study.survey.files), []
    for wave in waves:
        described = describe_told(page, scores, respondents[respondents["wave"] == wave]).assign(wave=wave)
        for later in waves[waves.index(wave) + 1 :] if page.threshold else []:
            changes = compare_linked_waves(scores, respondents, wave, later, permutations=1, seed=1)
            few = changes.loc[(changes["pairs"] > 0) & (changes["rose"] + changes["fell"] < page.threshold), "construct"]
            figures = ["mean", "low", "high"]
            described[figures] = described[figures].mask(described["construct"].isin(few))
        parts.append(described)
    order = list(page.run.study.constructs)
    return pd.concat(parts).sort_values("construct", key=lambda keys: keys.map(order.index), kind="stable")


def label_waves(study: Study, described: pd.DataFrame, threshold: int = 0) -> pd.DataFrame:
    table = pd.DataFrame({
        "Construct": described["construct"].map(study.construct_name), "Wave": described["wave"].astype(str),
        "Respondents with a score": described["n"],
        "Median": [decimals(value) for value in described["median"]],
        name_mean(described): [mean_cell(r, threshold) for r in described.itertuples()],
    })  # fmt: skip
    return table.drop(columns=["Respondents with a score", "Median"]) if threshold else table


def say_changes(study: Study, linked: pd.DataFrame, described: pd.DataFrame, earlier: str, later: str) -> str:
    """Medians of two waves, and how many of the people found in both rose or fell."""
    medians = described.assign(wave=described["wave"].astype(str)).pivot(index="construct", columns="wave", values="median")
    parts = [
        f"{study.construct_name(r.construct)}, median {decimals(medians.loc[r.construct, earlier])} and then "
        f"{decimals(medians.loc[r.construct, later])}; of {r.pairs} people found in both waves {r.rose} rose and {r.fell} fell"
        for r in linked.itertuples()
    ]
    return f"From {earlier} to {later}: {'. '.join(parts)}."


def label_changes(study: Study, linked: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Construct": [study.construct_name(key) for key in linked["construct"]],
        "Linked respondents": linked["pairs"], "Rose": linked["rose"], "Fell": linked["fell"], "Same": linked["same"],
        "Rank-biserial": [decimals(value) for value in linked["effect"]],
        "p": [p_value(value) for value in linked["p"]],
        "p, Holm": [p_value(value) for value in linked["p_holm"]],
        "Smallest p possible": [p_value(value) for value in linked["smallest_p"]],
        "Note": linked["note"].replace("", "–"),
    })  # fmt: skip


def show_precision(page: Page) -> HTML:
    """How the interval of a percentage narrows with more respondents."""
    sizes = [20, 40, 60, 80, 100, 150, 200, 300, 400]
    parts = [planning.plan_interval_width(sizes, percent).assign(series=f"{percent}% agree") for percent in (50, 80, 95)]
    widths = pd.concat(parts, ignore_index=True)
    curve = pd.DataFrame({"x": widths["n"], "y": widths["width"], "series": widths["series"]})
    at_40 = widths[(widths["n"] == 40) & (widths["percent"] == 50)].iloc[0]
    alt = f"At 40 respondents and 50% the interval is {at_40['width']:.0f} points wide; four times as many halve it."
    return page.figure(
        charts.draw_curve(curve, "Respondents", "Width of the 95% interval (points)"), "precision",
        "Width of a percentage's 95% interval by number of respondents", alt=alt,
        data=widths[["series", "n", "low", "high", "width"]].round(1).set_axis(
            ["Percentage", "Respondents", "Low", "High", "Width"], axis=1
        ), basis="published", shared=True,
    )  # fmt: skip


def show_power(page: Page, scores: pd.DataFrame, shift: float, seed: int) -> HTML:
    """How often two groups of a size would be told apart, construct by construct; for the team."""
    if page.threshold:
        return render.NOTHING
    study, sizes = page.run.study, [5, 10, 15, 20, 30, 40, 60, 80]
    low, high = study.score_limits
    parts = [
        planning.simulate_power(rows["score"], sizes, shift, low, high, simulations=1000, seed=seed).assign(
            series=study.construct_name(construct)
        )
        for construct, rows in scores.groupby("construct", sort=False)
    ]
    power = pd.concat(parts, ignore_index=True)
    curve = pd.DataFrame({"x": power["n_per_group"], "y": power["power"], "series": power["series"]})
    enough = power[power["power"] >= 80].groupby("series", sort=False)["n_per_group"].min()
    alt = f"Power of 80% for a shift of {shift:g} is reached at " + listed(
        [f"{n} a group for {name}" for name, n in enough.items()], "no size shown"
    )
    return page.figure(
        charts.draw_curve(curve, "Respondents in each of two groups", "Power (%)", (0, 100)), "power",
        f"Power to tell two groups apart that differ by {shift:g} points", alt=f"{alt}.",
        data=power[["series", "n_per_group", "delta", "power", "low", "high"]].round(2).set_axis(
            ["Construct", "In each group", "Cliff's delta", "Power (%)", "Low", "High"], axis=1
        ),
    )  # fmt: skip


def show_statuses(page: Page, respondents: pd.DataFrame, responses: pd.DataFrame) -> HTML:
    """Answers, answers of not relevant and gaps by group: over all items, and not relevant item by item."""
    study = page.run.study
    if page.threshold:
        return render.NOTHING
    if not study.survey.groupings:
        return page.say("The study declares no groupings, so there is nothing to set side by side.", basis="published")
    joined = responses.merge(respondents[["respondent", *study.survey.groupings]], on="respondent")
    totals, tables = [], []
    for name, grouping in study.survey.groupings.items():
        counts = distributions.count_statuses(joined.dropna(subset=[name]), study.codebook, by=name)
        wide = counts.groupby([name, "status"], sort=False)["count"].sum().unstack()[STATUSES]
        members = [int(respondents[name].eq(group).sum()) for group in wide.index]
        table = pd.DataFrame({
            "Group": wide.index.astype(str), "Grouping": grouping.label, "Respondents": members,
            "Answers possible": wide.sum(axis=1).to_numpy(),
        })  # fmt: skip
        totals.append(table.assign(**{status.capitalize(): wide[status].to_numpy() for status in STATUSES}))
        caption = f"Not relevant, by item and {grouping.label.lower()}: answers of all given"
        tables.append(page.table(tabulate_not_relevant(study, counts, name), f"not_relevant_{name}", caption))
    caption = "Answers, not relevant by kind, and gaps, by group"
    return render.together([page.table(pd.concat(totals), "statuses", caption), *tables])


def tabulate_not_relevant(study: Study, counts: pd.DataFrame, by: str) -> pd.DataFrame:
    """A row an item that anybody called not relevant, a column a group: how many of those who answered it did so."""
    given = counts[counts["status"] != MISSING]
    aside = given[given["status"] != ANSWERED].groupby([by, "item"], sort=False)["count"].sum()
    answered = given.groupby([by, "item"], sort=False)["count"].sum()
    cells = aside.astype(str) + " of " + answered.astype(str)
    items = [item for item in study.codebook["item"] if aside.xs(item, level="item").any()]
    wide = cells.unstack(by).reindex(index=items, columns=list(dict.fromkeys(counts[by])))
    table = wide.set_axis(study.item_names[items].to_list()).rename_axis("Item")
    return table.set_axis([str(name) for name in table.columns], axis=1).reset_index()
