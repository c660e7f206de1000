"""What notebook 1 shows: who answered."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers.page import charts, render
from helpers.page.page import Page
from helpers.page.words import between, counted, decimals, listed, percent, ratio, share_cell, whole
from helpers.study.definition import Study
from helpers.survey import response
from helpers.survey.cleaning import CleanSurvey


def label_flow(flow: pd.DataFrame) -> pd.DataFrame:
    return flow.rename(columns={"step": "Step", "excluded": "Set aside", "remaining": "Left"})


def say_responses(study: Study, respondents: pd.DataFrame, threshold: int = 0) -> str:
    received, answered = len(respondents), int((respondents["items_answered"] > 0).sum())
    if answered < threshold:
        return f"Fewer than {threshold} people answered an item, so nothing is told of them."
    return (
        f"{counted(received, 'response was', 'responses were')} received. {answered} answered at least one of the "
        f"{counted(len(study.codebook), 'item')}."
    )


def say_response_rate(study: Study, respondents: pd.DataFrame, threshold: int = 0) -> str:
    invited, received = study.survey.invited, len(respondents)
    if (respondents["items_answered"] > 0).sum() < threshold:
        return "Too few people answered for a response rate to be told."
    if invited is None:
        return "The study does not say how many people were invited, so there is no response rate."
    if len(study.survey.files) > 1:
        return "The survey has several waves and one number of people invited, so there is no response rate."
    answered = int((respondents["items_answered"] > 0).sum())
    about = "about " if invited.approximate else ""
    shares = []
    for count, words in ((received, "responses"), (answered, "with an answer to an item")):
        rate = response.describe_response_rate(count, invited.number).iloc[0]
        shares.append(f"{count} {words} ({decimals(rate['percent'], 1)}%, 95% CI {between(rate['low'], rate['high'], 1)})")
    return f"Of {about}{invited.number:,} people invited there are {listed(shares)}."


def label_groups(counts: pd.DataFrame) -> pd.DataFrame:
    shares = [percent(100 * row.respondents / row.known) if row.known else "[none]" for row in counts.itertuples()]
    return pd.DataFrame({
        "Group": counts["level"], "Grouping": counts["label"], "Respondents": counts["respondents"],
        "Of those known": shares,
    })  # fmt: skip


def say_groups(counts: pd.DataFrame) -> str:
    """The largest groups and the number of groups under five, for each grouping."""
    sentences = []
    for label, rows in counts.groupby("label", sort=False):
        known, most = int(rows["known"].iloc[0]), int(rows["respondents"].max())
        largest = list(rows.loc[rows["respondents"] == most, "level"])
        words = f"the largest group is {largest[0]}" if len(largest) == 1 else f"the largest groups are {listed(largest)}"
        each = "" if len(largest) == 1 else " each"
        small = int(rows["respondents"].between(1, 4).sum())
        few = f"; groups with one to four: {small}" if small else ""
        sentences.append(f"{label} is known for {known}; {words}, {ratio(most, known)}{each}{few}.")
    return " ".join(sentences)


def show_group_counts(page: Page, counts: pd.DataFrame) -> HTML:
    """Respondents by group: table, figure and sentence."""
    if counts.empty:
        return page.say("There is no grouping of respondents to show.", basis="published", shared=True)
    drawn = charts.draw_counts(counts.set_index(["label", "level"])["respondents"], "Respondents")
    return render.together([
        page.table(label_groups(counts), "groups", "Respondents by group", basis="margins", shared=True),
        page.figure(
            drawn, "groups", "Respondents by group", alt=say_groups(counts), data=label_groups(counts), basis="margins",
            shared=True,
        ),
        page.say(say_groups(counts), key="groups", basis="margins", shared=True),
    ])  # fmt: skip


def label_completion(completion: pd.DataFrame, threshold: int = 0) -> pd.DataFrame:
    """Sections as a table; for a funder numbers of fewer than `threshold` people are withheld."""

    def told(count: int) -> float | None:
        return count if count == 0 or count >= threshold else None

    return pd.DataFrame({
        "Section": completion["section"], "Items": completion["items"],
        "Responses": [whole(told(n)) for n in completion["n_respondents"]],
        "Started": [whole(told(r.complete + r.partial)) for r in completion.itertuples()],
        "Completed (%; 95% CI)": [
            share_cell(told(r.complete), r.n_respondents, r.low, r.high) for r in completion.itertuples()
        ],
    })  # fmt: skip


def say_completion(completion: pd.DataFrame, threshold: int = 0) -> str:
    first, last = completion.iloc[0], completion.iloc[-1]
    of = first["n_respondents"]
    if of - max(first["untouched"], last["untouched"]) < threshold:
        return "Where people stopped is not told: too few went on."
    return (
        f"Section {first['section']} was started by {of - first['untouched']} of {of} respondents, section "
        f"{last['section']} by {of - last['untouched']}."
    )


def show_quality(page: Page, cleaned: CleanSurvey, speed_share: float) -> HTML:
    """Speeders and straight-liners among those who answered anything: how many, and which."""
    codebook = page.run.study.codebook
    answered = cleaned.respondents[cleaned.respondents["items_answered"] > 0].reset_index(drop=True)
    answers = cleaned.responses[cleaned.responses["respondent"].isin(answered["respondent"])]
    flags = response.flag_response_quality(answered, answers, codebook, speed_share)
    shown = [page.say(say_quality(flags, speed_share))]
    flagged = flags[flags["speeder"].fillna(False) | flags["straight_liner"]]
    if len(flagged):
        table = pd.DataFrame({
            "Respondent": flagged["respondent"], "Seconds": flagged["duration_seconds"],
            "Fast": flagged["speeder"].map({True: "yes", False: "no"}).fillna("not known"),
            "Always the same point": flagged["straight_liner"].map({True: "yes", False: "no"}),
        })  # fmt: skip
        shown.append(page.table(table, "flags", "Flagged respondents"))
    return render.together(shown)


def say_quality(flags: pd.DataFrame, speed_share: float) -> str:
    timed = flags["speeder"].notna()
    fast = int(flags.loc[timed, "speeder"].sum())
    share = percent(100 * speed_share)
    speed = f"Of {int(timed.sum())} who answered an item, {fast} took less than {share} of the median time. "
    if not timed.any():
        speed = "No durations were recorded. "
    same = int(flags["straight_liner"].sum())
    return f"{speed}{counted(same, 'respondent')} chose the same point for every item of a scale. None was dropped for it."


def label_invited(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Group": found.iloc[:, 0], "Invited": found["invited"], "Responded": found["responded"],
        "Response rate (95% CI)": [
            f"{decimals(r.response_rate, 1)}% ({between(r.low, r.high, 1)})" if pd.notna(r.response_rate) else "[not defined]"
            for r in found.itertuples()
        ],
        "Of all invited": [percent(value) for value in found["percent_of_invited"]],
        "Of all respondents": [percent(value) for value in found["percent_of_respondents"]],
    })  # fmt: skip


def show_invited(page: Page, respondents: pd.DataFrame) -> HTML:
    """Respondents against the people invited, for each grouping whose margins the study gives."""
    study, tables = page.run.study, []
    margins = study.survey.invited.margins if study.survey.invited else {}
    for name, invited in margins.items():
        label = study.survey.groupings[name].label
        found = response.compare_with_invited(respondents, name, invited)
        caption = f"Respondents and people invited, {label.lower()}"
        # Groups cannot be merged here as elsewhere, since margins come level by level; waves would tell each other's counts.
        safe = len(study.survey.files) == 1 and not found["responded"].between(1, page.threshold - 1).any()
        tables.append(page.table(label_invited(found), f"invited_{name}", caption, basis="margins", shared=safe))
    if not tables:
        text = "The study does not say how the people invited divide into groups, so respondents cannot be held against them."
        return page.say(text, basis="published", shared=True)
    return render.together(tables)
