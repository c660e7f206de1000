"""What the summary shows: a verdict, the findings, each construct at a glance, what to keep in mind, how to read it."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.disclosure.joint import tell_constructs
from helpers.disclosure.response import tell_received
from helpers.disclosure.told import Told
from helpers.page import style
from helpers.page.audit import read_what_there_is
from helpers.page.joint import VERBS, describe_favour, describe_middle, describe_range, name_items
from helpers.page.page import FINDINGS, Page
from helpers.page.words import counted, listed, percent
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import SUMMARY, find_notebooks
from helpers.survey import cleaning, response

# The least favourable share, in per cent, for each verdict (this project's rule, as is what follows).
VERDICTS = {90: "Yes", 60: "Mostly yes", 40: "In part", 10: "Mostly not yet", 0: "Not yet"}
# Constructs are told apart when so many points lie between them; of fewer people than this no verdict is given.
APART, FEWEST_PEOPLE = 10, 10
MOST_FINDINGS, MOST_OF_ONE, MOST_CAVEATS, MOST_NAMED = 5, 2, 3, 3
CONCLUDED = {
    "agrees": "the interviews agree", "complements": "the interviews add to it",
    "contradicts": "the interviews contradict it", "silent": "the interviews say nothing of it",
}  # fmt: skip
# The verdict says who answered, so that what this notebook found comes last; the others of ours come in their order.
WHO_ANSWERED, OURS = 1, range(1, 7)
RECEIVED = ["unit", "responded", "invited", "response_rate"]


def tell_results(page: Page, wave: str) -> tuple[Told, Told, Told]:
    """Favourable answers, constructs, and how many responded (see `tell_constructs`, `tell_received`), where there are any."""
    study, received = page.study, pd.DataFrame(columns=RECEIVED)
    respondents, responses = read_what_there_is(page, "respondents", "responses")
    participants, segments = read_what_there_is(page, "participants", "segments")
    if study.definition.survey:
        respondents = cleaning.keep_wave(study, respondents, wave)
        responses = responses.merge(respondents[["respondent"]])
        received = response.describe_response(study, respondents)
    constructs = tell_constructs(study, responses, participants, segments, page.threshold)
    return *constructs, tell_received(received, page.threshold)


# --- the verdict ------------------------------------------------------------------------------------------------------
def say_own(study: Study) -> str:
    """The analyst's own summary, as written; empty without one."""
    return study.definition.summary.strip()


def say_verdict(favour: pd.DataFrame, joined: pd.DataFrame, received: pd.DataFrame, study: Study, wave: str = "") -> str:
    """Whether the practice is becoming ordinary work, by the rules that `explain_terms` gives; then what this rests on."""
    survey, interviews = study.definition.survey, study.definition.interviews
    if not survey:
        spoken = say_spoken(joined, study) if interviews else "This study holds no answers of people, so it gives no verdict."
        return spoken + " Interviews alone cannot say how many see the practice as ordinary work." * bool(interviews)
    answered, shares = received["responded"].iloc[-1], favour[["typical", "typical_most"]].iloc[0]
    if not answered >= FEWEST_PEOPLE:
        return " ".join(
            filter(None, ["Too few people answered to say.", say_people(received, study, wave), say_judged(joined, study)])
        )
    if shares.isna().any():
        verdict = "The answers do not say. Nobody who answered chose a point of a scale, as far as it may be told."
    else:
        low, high = (next(word for least, word in VERDICTS.items() if round(share, 6) >= least) for share in shares)
        word = low if low == high else f"Between “{low.lower()}” and “{high.lower()}”"
        areas = favour.drop_duplicates("construct").dropna(subset="middle")
        lowest, highest = percent(areas["middle"].min()), percent(areas["middle_most"].max())
        by_area = f", from {lowest} to {highest} by area" if lowest != highest and len(areas) > 1 else ""
        share = " to ".join(dict.fromkeys(map(percent, shares)))
        verdict = f"{word}{compare_areas(areas, study)}. {share} of the answers were favourable{by_area}."
    return " ".join(filter(None, [verdict, say_people(received, study, wave), say_judged(joined, study)]))


def compare_areas(areas: pd.DataFrame, study: Study) -> str:
    """Which constructs are furthest along and furthest behind, as far as that is certain of what is told."""
    low, high = areas["middle"], areas["middle_most"]
    if len(areas) < 2:
        return ""
    if high.max() - low.min() < APART:
        return f" and much alike in all {len(areas)} areas"
    first, last = low.map(percent) == percent(low.max()), high.map(percent) == percent(high.min())
    if low.max() - high.min() < APART or high[~first].gt(low.max()).any() or low[~last].lt(high.min()).any():
        return ""
    best, worst = (listed(name_area(study, key) for key in areas.loc[which, "construct"]) for which in (first, last))
    return f", with {best} furthest along and {worst} furthest behind"


def name_area(study: Study, construct: str) -> str:
    """A construct in plain words: its gist as far as a semicolon, or its name where the study gives none."""
    return study.constructs[construct].gist.partition(";")[0].strip() or study.construct_name(construct)


def say_people(received: pd.DataFrame, study: Study, wave: str = "") -> str:
    """How many of how many answered, and whom that describes."""
    answered, invited, waves = received["responded"].iloc[-1], received["invited"].iloc[-1], list(study.survey.files)
    if pd.isna(answered):
        return ""
    when = f"In {wave or waves[-1]}, " if len(waves) > 1 else ""
    people = counted(int(answered), "person", "people") if answered else "nobody"
    if pd.isna(invited):
        said = f"{when}{people} answered" + "; how many were invited is not known." * (not when) + "." * bool(when)
    else:
        about = "about " * study.survey.invited.approximate
        said = f"{when}{people} of {about}{counted(int(invited), 'person', 'people')} invited answered"
        said += ", so this describes them, not everybody invited." if 0 < answered < invited else "."
    return said[0].upper() + said[1:]


def say_judged(joined: pd.DataFrame, study: Study) -> str:
    """What the analyst makes of the interviews beside the survey; empty where nothing is judged."""
    verb = next((key for key in VERBS if joined["judgement"].eq(key).any()), "")
    if not verb:
        return ""
    names = listed(name_area(study, key) for key in joined.loc[joined["judgement"] == verb, "construct"])
    return f"The interviews {VERBS[verb]} {names}{', and nowhere contradict it' * (verb == 'agrees')}."


def say_spoken(joined: pd.DataFrame, study: Study) -> str:
    """Of what most and fewest of the people interviewed spoke, as far as it is told."""
    told = joined.dropna(subset="numerator").sort_values("numerator", ascending=False, kind="stable")
    said = [f"{name_area(study, row.construct)} ({row.numerator:g} of {row.denominator:g})" for row in told.itertuples()]
    if told.empty or told["numerator"].max() == 0:
        return "What people said in interviews stands below."
    if len(told) == len(joined) > 1 and told["numerator"].nunique() > 1:
        first, last = (told["numerator"] == end for end in (told["numerator"].max(), told["numerator"].min()))
        most, fewest = (listed(np.array(said)[which]) for which in (first, last))
        return f"The interviews turn most to {most} and least to {fewest}."
    return f"The interviews turn to {listed(said[:MOST_NAMED])}."


# --- findings ---------------------------------------------------------------------------------------------------------
def gather_findings(page: Page) -> pd.DataFrame:
    """The other notebooks' sentences in reading order, with topics; a `WorkbookError` if kept for another audience."""
    run = page.run
    others = [notebook for notebook in find_notebooks(run.study) if notebook.number != SUMMARY]
    names = [f"findings_{notebook.number}" for notebook in others]
    there = [name for name in names if run.path(name).is_file()] or names[:1]
    findings = pd.concat([pd.DataFrame(columns=FINDINGS), *map(run.read, there)], ignore_index=True)
    other = findings[findings["audience"].ne(page.audience) | findings["threshold"].ne(page.threshold)]
    if len(other):
        first, file = other.iloc[0], f"outputs/{run.study.name}/{run.label}"
        found = f"those for the {first['audience']}, threshold {first['threshold']}"
        expected, remedy = f"those for the {page.audience}, threshold {page.threshold}", "run that notebook again for the same"
        raise WorkbookError(file, f"sentences of notebook {first['notebook']}", found, expected, remedy)
    topics = {int(notebook.number): notebook.topic or notebook.title for notebook in others}
    return findings.assign(topic=findings["notebook"].map(topics))


def choose_findings(findings: pd.DataFrame) -> pd.DataFrame:
    """At most five findings with `claim` and `rest` (a sentence each), a study's own notebooks first; no notebook has three.

    Of ours, each notebook's first finding comes before any second.
    """
    place, number = findings.groupby("notebook").cumcount(), findings["notebook"]
    ours, last = number.isin(OURS), number == WHO_ANSWERED
    order = pd.DataFrame({"ours": ours, "place": place.where(ours, 0), "last": last, "number": number, "nth": place})
    chosen = order[place < MOST_OF_ONE].sort_values(list(order)).index[:MOST_FINDINGS]
    parts = [re.split(r"(?<=[.!?])\s+(?=[A-Z“\d])", sentence, maxsplit=2) for sentence in findings.loc[chosen, "sentence"]]
    chosen = findings.loc[chosen].assign(claim=[part[0] for part in parts], rest=[" ".join(part[1:2]) for part in parts])
    return chosen.sort_values(by="notebook", key=lambda numbers: numbers.isin(OURS) * 100 + numbers, kind="stable")


# --- what to keep in mind, and how to read it -------------------------------------------------------------------------
def list_caveats(favour: pd.DataFrame, received: pd.DataFrame, study: Study) -> list[str]:
    """The caveats that would change a reader's mind, the most important first, by what the study is; at most three."""
    survey, interviews = study.definition.survey, study.definition.interviews
    caveats = []
    if study.banner:
        caveats.append(
            "The survey's answers are rebuilt or made up: what is marked ◇ shows how the method works and is no finding."
        )
    if survey:
        caveats.append(say_turning(favour, received))
    if interviews:
        note = re.split(r"(?<=[.!?])\s", interviews.note.strip())[0]
        caveats.append(f"{note} Counts of people say who was coded for something, not how many hold it.".strip())
    if survey and len(survey.files) == 1:
        caveats.append("The survey was held once: it shows where things stand, and no change.")
    return list(filter(None, caveats))[:MOST_CAVEATS]


def say_turning(favour: pd.DataFrame, received: pd.DataFrame) -> str:
    """What those who did not answer would have to think for the verdict to turn; empty where they could not turn it."""
    answered, invited = received["responded"].iloc[-1], received["invited"].iloc[-1]
    if not 0 < answered < invited or favour.empty:
        return ""
    share, most = favour[["typical", "typical_most"]].iloc[0]
    # Rounded away from the turning point, so that the sentence holds as printed, and whatever is withheld.
    favourable = share > 50
    turn = response.find_tipping(answered, invited - answered, most if favourable else share)
    if not 0 <= turn <= 100:
        return ""
    if_so, then = (f"fewer than {np.floor(turn):g}%", " not") if favourable else (f"more than {np.ceil(turn):g}%", "")
    return (
        f"Those who answered may differ from the others: if {if_so} of the others' answers were favourable, most answers of all "
        f"invited would{then} be."
    )


def explain_terms(study: Study) -> list[str]:
    """What a reader must know to read the summary: theory, constructs, favourable answers, the verdict's words, the sign."""
    constructs = study.scored_constructs if study.definition.survey else study.constructs
    areas = listed((f"{part.label} ({part.gist})" if part.gist else part.label for part in constructs.values()), "")
    looks = f"which looks at the work that makes a new practice routine{': ' * bool(areas)}{areas}."
    theory = f"Normalisation Process Theory (NPT), {looks}"
    interviews, sign = study.definition.interviews, "◇ marks what is simulated."
    marked = [sign] * bool(study.banner or interviews and interviews.simulated)
    if not study.definition.survey:
        return [f"The areas are those of {theory}", *marked] if areas else marked
    scales = [study.scales[name] for name in study.scored_items["scale"].unique()]
    tops = listed(f"“{point.label}”" for scale in scales for point in scale.responses if point.band == scale.bands[-1])
    turned = ", or the other end of the scale for statements worded negatively" * study.scored_items["reversed"].any()
    aside = "; “not relevant” answers are left out" * any(scale.not_relevant for scale in scales)
    return [
        f"NoMAD is a questionnaire on whether a new practice is becoming routine. It follows {theory}",
        f"Favourable answers are {tops}{turned}{aside}.",
        "“Yes” takes 90% favourable answers, “mostly yes” 60%, “in part” 40%, “mostly not yet” 10%.",
        *marked,
    ]


# --- each construct at a glance ---------------------------------------------------------------------------------------
def place_items(favour: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Statements of which a share is told: `place` and `end` in per cent, `aside` (lines of text) among those of one share.

    The three lowest of those below all statements together are `named`.
    """
    shares = {name: 100 * favour[end] / favour["denominator"] for name, end in (("place", "least"), ("end", "most"))}
    items = favour.assign(**shares).dropna(subset="place")
    alike = items.groupby(["construct", items["place"].round()])["item"]
    aside = alike.cumcount() * np.minimum(0.5, 1 / alike.transform("size"))
    low = items[items["place"] < items["typical"]].nsmallest(MOST_NAMED, "place")
    turned = low["item"].map(study.items["reversed"]).map({True: " (worded negatively)", False: ""})
    told = [f" {describe_favour(row).removesuffix(' favourable')}" for row in low.itertuples()]
    named = name_items(low["item"], study, 56) + turned + told
    return items.assign(aside=aside, named=named.reindex(items.index, fill_value=""))


def draw_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> plt.Axes:
    """A row a construct: a dot a statement at its favourable share, a bar for all of them; how many people spoke of it.

    Without a survey a bar counts the people. Heights are in lines of text, so that a row has room for what it says.
    """
    narrow, items = style.is_narrow(), place_items(favour, study)
    drawn, axes = plt.subplots()
    across, letter, top = axes.get_yaxis_transform(), (2.2 if narrow else 1.45), 0.0
    for row in joined.itertuples():
        here = items[items["construct"] == row.construct].sort_values("place", ascending=False)
        share = f"\n{describe_middle(row)} favourable" if pd.notna(row.middle) else ""
        name = style.wrapped(capitalise(name_area(study, row.construct)), 40 if narrow else 24) + share
        spoken, labels = style.wrapped(describe_spoken(row), 40 if narrow else 22), here[here["named"] != ""]
        lines, below = name.count("\n") + 1, 1.2 + len(labels)
        y = top + (lines + 1.4 if narrow else 1.3)
        bottom = (
            y + below + 1.3 * spoken.count("\n") + 0.8
            if narrow
            else top + 0.7 + max(lines, spoken.count("\n") + 1, below + 0.4)
        )
        if here.empty and row.numerator >= 0:
            axes.barh(y, 100 * row.numerator / row.denominator, 0.9, color=style.HIGH_COLOURS[0])
        colours = np.where(here["named"] != "", style.LOW_COLOURS[1], style.HIGH_COLOURS[1])
        axes.hlines(y - here["aside"], here["place"], here["end"], colours, linewidth=2)
        for place in {row.middle, row.middle_most}:
            axes.vlines(place, y - 0.8, y + 0.6, "#1c1c1c", linewidth=2.5)
        axes.scatter(here["place"], y - here["aside"], 42, colours, edgecolor="w", linewidth=0.5, zorder=3)
        for nth, label in enumerate(labels.itertuples(), 1):
            wide = letter * len(label.named)
            axes.plot([label.place] * 2, [y, y + nth], color="#999999", linewidth=0.8)
            start = np.clip(label.place - wide / 2, 0, max(0, 100 - wide))
            axes.text(start, y + nth + 0.15, label.named, va="center", fontsize=9, bbox={"color": "w", "pad": 0.5})
        at = {"transform": across, "va": "top", "fontsize": 9}
        axes.text(0 if narrow else -0.02, top + 0.4, name, ha="left" if narrow else "right", **at)
        axes.text(0 if narrow else 1.03, y + below - 0.2 if narrow else top + 0.4, spoken, ha="left", **at)
        axes.axhline(bottom, color="#dddddd", linewidth=0.8)
        top = bottom
    drawn.set_size_inches(style.width(), 0.5 + 0.185 * top)
    ticks = [] if items.empty else [0, 25, 50, 75, 100]
    axes.set(xlim=(-2, 102), ylim=(top, 0), yticks=[], xticks=ticks, xticklabels=[f"{tick}%" for tick in ticks])
    axes.grid(axis="y", visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    return axes


def capitalise(text: str) -> str:
    """A text with a capital at its beginning, and as it is after that."""
    return text[:1].upper() + text[1:]


def describe_spoken(row) -> str:
    """How many people interviewed spoke of a construct, and the analyst's judgement, in words."""
    counted_ = (
        ""
        if not row.denominator > 0
        else "number withheld"
        if pd.isna(row.numerator)
        else f"{row.numerator:g} of {row.denominator:g} spoke of it"
    )
    return "; ".join(filter(None, [counted_, CONCLUDED.get(row.judgement, "")]))


def title_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> str:
    """The lowest statement, or without a survey what was spoken of."""
    low = place_items(favour, study).query("named != ''").sort_values("place")
    if len(low):
        return f"“{study.items.loc[low['item'].iloc[0], 'label']}” drew the fewest favourable answers"
    return "Answers to all statements are much alike" if len(favour) else say_spoken(joined, study).removesuffix(".")


def count_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> str:
    """What the figure counts, of whom, when."""
    waves = list(study.survey.files) if study.definition.survey else []
    people = (
        f"{counted(int(favour['denominator'].max()), 'person', 'people')} at most"
        if favour["denominator"].max() > 0
        else "nobody"
    )
    survey = (
        f"A dot is a statement, by the share of favourable answers among those to whom it is relevant ({people}"
        f"{', ' + waves[0] if len(waves) == 1 else ''}); a bar takes all answers of an area together."
    )
    spoken = f"{'At the right: h' if waves else 'H'}ow many of the people interviewed spoke of it."
    return " ".join([survey] * bool(waves) + [spoken] * bool(study.definition.interviews))


def describe_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> str:
    """The figure for those who cannot see it."""
    rows = (
        "; ".join(
            filter(
                None,
                [
                    f"{capitalise(name_area(study, row.construct))}: {describe_range(row, favour[favour['construct'] == row.construct], study)}",
                    describe_spoken(row),
                ],
            )
        )
        for row in joined.itertuples()
    )
    return ". ".join(rows) + "."
