"""What notebook 1 shows: who answered."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers import nomad, present
from helpers.present import Page, between, counted, decimals, ratio, share_cell
from helpers.study import Study
from helpers.survey import CleanSurvey


def label_flow(flow: pd.DataFrame) -> pd.DataFrame:
    return flow.rename(columns={"step": "Step", "excluded": "Set aside", "remaining": "Left"})


def say_responses(cleaned: CleanSurvey) -> str:
    received, items = len(cleaned.respondents), cleaned.responses["item"].nunique()
    answered = int((cleaned.respondents["items_answered"] > 0).sum())
    complete = int((cleaned.respondents["items_answered"] == items).sum())
    return (
        f"{counted(received, 'response was', 'responses were')} received. {answered} answered at least one of the {items} "
        f"items, {complete} answered every item, and {received - answered} answered none."
    )


def say_response_rate(study: Study, respondents: pd.DataFrame) -> str:
    invited, received = study.survey.invited, len(respondents)
    if invited is None:
        return "The study does not say how many people were invited, so there is no response rate."
    if len(study.survey.files) > 1:
        return "The survey has several waves and one number of people invited, so there is no response rate."
    rate = nomad.describe_response_rate(received, invited.number).iloc[0]
    about = "about " if invited.approximate else ""
    return (
        f"{received} of {about}{invited.number:,} people invited answered: {decimals(rate['percent'], 1)}% "
        f"(95% CI {between(rate['low'], rate['high'], 1)})."
    )


def label_groups(counts: pd.DataFrame) -> pd.DataFrame:
    shares = [present.percent(100 * row.respondents / row.known) if row.known else "[none]" for row in counts.itertuples()]
    return pd.DataFrame({
        "Group": counts["level"], "Grouping": counts["label"], "Respondents": counts["respondents"],
        "Of those known": shares,
    })  # fmt: skip


def say_groups(counts: pd.DataFrame) -> str:
    """The largest group and the number of groups under five, for each grouping."""
    sentences = []
    for label, rows in counts.groupby("label", sort=False):
        known, largest = int(rows["known"].iloc[0]), rows.loc[rows["respondents"].idxmax()]
        small = int((rows["respondents"] < 5).sum())
        sentences.append(
            f"{label} is known for {known}; the largest group is {largest['level']} with "
            f"{ratio(largest['respondents'], known)}; {small} of the {len(rows)} groups "
            f"{'has' if small == 1 else 'have'} fewer than five."
        )
    return " ".join(sentences) or "The study declares no grouping of respondents."


def label_completion(completion: pd.DataFrame) -> pd.DataFrame:
    complete = [share_cell(r.complete, r.n_respondents, r.low, r.high) for r in completion.itertuples()]
    return pd.DataFrame({
        "Section": completion["section"], "Items": completion["items"], "Responses": completion["n_respondents"],
        "Started": completion["complete"] + completion["partial"], "Completed (%; 95% CI)": complete,
    })  # fmt: skip


def say_completion(completion: pd.DataFrame) -> str:
    first, last = completion.iloc[0], completion.iloc[-1]
    of = first["n_respondents"]
    return (
        f"Section {first['section']} was started by {of - first['untouched']} of {of} respondents, section "
        f"{last['section']} by {of - last['untouched']}."
    )


def say_quality(flags: pd.DataFrame, speed_share: float) -> str:
    timed = flags["speeder"].notna()
    fast = int(flags.loc[timed, "speeder"].sum())
    speed = f"{fast} of {int(timed.sum())} took less than {present.percent(100 * speed_share)} of the median time. "
    if not timed.any():
        speed = "No durations were recorded. "
    return speed + (
        f"{counted(int(flags['straight_liner'].sum()), 'respondent')} chose the same point for every item of a scale. "
        "They are flagged, not dropped."
    )


def show_invited(page: Page, respondents: pd.DataFrame) -> HTML:
    """Respondents against the people invited, for each grouping whose margins the study gives."""
    study, tables = page.run.study, []
    margins = study.survey.invited.margins if study.survey.invited else {}
    for name, invited in margins.items():
        label = study.survey.groupings[name].label
        found = nomad.compare_with_invited(respondents, name, invited)
        tables.append(page.table(found, f"invited_{name}", f"Respondents and people invited, {label.lower()}", basis="margins"))
    if not tables:
        text = "The study does not say how the people invited divide into groups, so respondents cannot be held against them."
        return page.say(text, basis="published")
    return present.together(tables)
