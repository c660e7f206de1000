"""What the summary shows: a verdict, the findings, each construct at a glance, what to keep in mind, how to read it."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.disclosure.joint import tell_constructs
from helpers.disclosure.response import tell_received
from helpers.disclosure.told import Told
from helpers.page import style
from helpers.page.audit import read_what_there_is
from helpers.page.joint import VERBS, describe_favour, drop_uncoded, name_items
from helpers.page.page import MADE_UP, Page
from helpers.page.scores import name_wave
from helpers.page.themes import name_text
from helpers.page.words import counted, listed, percent, quote, span, split_claim
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import SUMMARY, find_notebooks
from helpers.study.runs import FINDINGS
from helpers.survey import cleaning, response

# The least favourable share, in per cent, for each verdict (this project's rule, as is what follows).
VERDICTS = {90: "Yes", 60: "Mostly yes", 40: "In part", 10: "Mostly not yet", 0: "Not yet"}
# Constructs are told apart if they differ by this many points; with fewer people than this there is no verdict.
APART, FEWEST_PEOPLE = 10, 10
MOST_FINDINGS, MOST_OF_ONE, MOST_CAVEATS, MOST_NAMED, MOST_LETTERS = 5, 2, 3, 3, 600
CONCLUDED = {
    "agrees": "interviews agree", "complements": "interviews add to it", "contradicts": "interviews contradict it",
    "silent": "interviews are silent",
}  # fmt: skip
# Our notebooks; and what the verdict says already, or readers need last: who answered, and what the analyst makes of it.
OURS, WHO_ANSWERED, JUDGED = range(1, 8), 1, "joint"
RECEIVED = ["unit", "responded", "invited", "response_rate"]


def tell_results(page: Page, wave: str) -> tuple[Told, Told, Told]:
    """Favourable answers, constructs, and how many responded (see `tell_constructs`, `tell_received`), if there are any."""
    study, received = page.study, pd.DataFrame(columns=RECEIVED)
    respondents, responses = read_what_there_is(page, "respondents", "responses")
    participants, segments = read_what_there_is(page, "participants", "segments")
    if study.definition.survey:
        respondents = cleaning.keep_wave(study, respondents, wave)
        responses = cleaning.keep_people(responses, respondents)
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
        spoken = say_spoken(joined, study) if interviews else "This study has no survey or interviews, so it gives no verdict."
        return spoken + " Interviews alone cannot say how many see the practice as ordinary work." * bool(interviews)
    answered, shares = received["responded"].iloc[-1], favour[["typical", "typical_most"]].iloc[0]
    if not answered >= FEWEST_PEOPLE:
        verdict = "Too few people answered to say."
    elif shares.isna().any():
        verdict = "The answers do not say. No share of favourable answers can be given."
    else:
        # By the share as it is printed.
        low, high = (next(word for least, word in VERDICTS.items() if int(share + 0.5 + 1e-9) >= least) for share in shares)
        word = low if low == high else f"Between “{low.lower()}” and “{high.lower()}”"
        areas = favour.drop_duplicates("construct").dropna(subset="middle")
        ends = [percent(areas["middle"].min()), percent(areas["middle_most"].max())]
        by_area = f" ({' to '.join(ends)} by area)" if len(areas) > 1 and len({*ends}) > 1 else ""
        verdict = f"{word}{compare_areas(areas, study)}. {span(*map(percent, shares))} of answers were favourable{by_area}."
    return " ".join(filter(None, [verdict, say_people(received, study, wave), say_judged(joined, study)]))


def compare_areas(areas: pd.DataFrame, study: Study) -> str:
    """Which constructs are furthest along and furthest behind, as far as that is certain from what is told."""
    low, high = areas["middle"], areas["middle_most"]
    if len(areas) < 2:
        return ""
    if high.max() - low.min() < APART:
        return f", and much alike in all {len(areas)} areas"
    first, last = low.map(percent) == percent(low.max()), high.map(percent) == percent(high.min())
    said = []
    for which, certain, where in (
        (first, high[~first].max() <= low.max(), "furthest along"), (last, low[~last].min() >= high.min(), "furthest behind"),
    ):  # fmt: skip
        if certain:
            said.append(f"{listed(name_area(study, key) for key in areas.loc[which, 'construct'])} {where}")
    return f", with {' and '.join(said)}" if said else ""


def name_area(study: Study, construct: str) -> str:
    """A construct in plain words: its gist as far as a semicolon, or its name where the study gives none."""
    return study.constructs[construct].gist.partition(";")[0].strip() or study.construct_name(construct)


def say_people(received: pd.DataFrame, study: Study, wave: str = "") -> str:
    """How many people answered, out of how many, and whom that describes; empty if it is not told."""
    answered, invited, waves = received["responded"].iloc[-1], received["invited"].iloc[-1], list(study.survey.files)
    if pd.isna(answered):
        return ""
    when = f"In {wave or waves[-1]}, " if len(waves) > 1 else ""
    number, people = f"{answered:,.0f}" if answered else "nobody", counted(int(answered), "person", "people")
    if pd.isna(invited):
        said = f"{when}{people if answered else number} answered."
    else:
        about = "about " * study.survey.invited.approximate
        said = f"{when}{number} of {about}{counted(int(invited), 'person', 'people')} invited answered"
        said += ", so this describes them alone." if FEWEST_PEOPLE <= answered < invited else "."
    return said[:1].upper() + said[1:]


def say_judged(joined: pd.DataFrame, study: Study) -> str:
    """How the analyst sees the interviews beside the survey; empty without a judgement."""
    counts = joined["judgement"].value_counts()
    verb = next((key for key in VERBS if key in counts), "")
    if verb == "contradicts":
        names = listed(name_area(study, key) for key in joined.loc[joined["judgement"] == verb, "construct"])
        return f"The interviews contradict this on {names}."
    areas = f"{counts.get(verb, 0)} of {counted(len(joined), 'area')}"
    return f"The interviews {VERBS[verb].replace('survey', 'answers')} {areas} and contradict none." if verb else ""


def say_spoken(joined: pd.DataFrame, study: Study) -> str:
    """What the most and the fewest people interviewed spoke of, or have texts on, as far as it is told."""
    verb, of = ("have texts", "on") if name_text(study) == "gist" else ("spoke", "of")
    told = joined.dropna(subset="numerator").sort_values("numerator", ascending=False, kind="stable")
    said = [f"{name_area(study, row.construct)} ({row.numerator:g} of {row.denominator:g})" for row in told.itertuples()]
    if told.empty or told["numerator"].max() == 0:
        return "What people said in interviews is shown below."
    if len(told) == len(joined) > 1 and told["numerator"].nunique() > 1:
        first, last = (told["numerator"] == end for end in (told["numerator"].max(), told["numerator"].min()))
        most, fewest = (listed(np.array(said)[which]) for which in (first, last))
        return f"The most people {verb} {of} {most}, the fewest {of} {fewest}."
    return f"People {verb} {of} {listed(said[: min(MOST_NAMED, told['numerator'].gt(0).sum())])}."


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
    """At most five findings, those of a study's own notebooks first, and at most two from any notebook.

    Among ours, each notebook's first finding comes before any second. Simulated results are not findings, and are left out.
    """
    findings = findings[~(findings["basis"].isin(MADE_UP) & findings["note"].ne(""))]
    place, number = findings.groupby("notebook").cumcount(), findings["notebook"]
    ours = number.isin(OURS)
    said = ours & (number.eq(WHO_ANSWERED) | findings["key"].eq(JUDGED))
    rank = findings.groupby(["notebook", said]).cumcount()
    order = pd.DataFrame({"ours": ours, "said": said, "rank": rank.where(ours, 0), "number": number, "place": place})
    chosen = findings.loc[order[place < MOST_OF_ONE].sort_values(list(order)).index[:MOST_FINDINGS]]
    return chosen.sort_values("notebook", key=lambda numbers: numbers.isin(OURS) * 100 + numbers, kind="stable")


# --- what to keep in mind, and how to read it -------------------------------------------------------------------------
def list_caveats(favour: pd.DataFrame, received: pd.DataFrame, study: Study) -> list[str]:
    """The caveats that would change a reader's mind for this kind of study, the most important first; at most three."""
    survey, interviews = study.definition.survey, study.definition.interviews
    counts = "Counts from the interviews say how many people spoke of something, not how many agree with it."
    caveats = [
        "The answers were rebuilt from published figures. ◇ marks what is simulated, not a finding." if study.banner else "",
        say_turning(favour, received) if survey else "",
        split_claim(interviews.note.strip())[0] or counts if interviews else "",
        "The survey was done once, so it cannot show change." if survey and len(survey.files) == 1 else "",
    ]
    return list(filter(None, caveats))[:MOST_CAVEATS]


def say_turning(favour: pd.DataFrame, received: pd.DataFrame) -> str:
    """What those who did not answer would have to think to change the majority; empty if they could not change it."""
    answered, invited = received["responded"].iloc[-1], received["invited"].iloc[-1]
    if not 0 < answered < invited or favour.empty:
        return ""
    share, most = favour[["typical", "typical_most"]].iloc[0]
    favourable = share > 50
    turn = response.find_tipping(answered, invited - answered, most if favourable else share)
    if share <= 50 < most or not 0 <= turn <= 100:
        return ""
    # Rounded away from the turning point, so that the sentence holds as printed, and whatever is withheld.
    share = f"fewer than {np.floor(turn):g}%" if favourable else f"more than {np.ceil(turn):g}%"
    would = f"would{' not' * favourable} be"
    return f"If {share} of the answers of those who stayed away were favourable, most answers of all invited {would}."


def explain_terms(study: Study) -> list[str]:
    """What a reader must know to read the summary: theory, constructs, favourable answers, the words of the verdict."""
    survey, interviews = study.definition.survey, study.definition.interviews
    constructs = study.scored_constructs if survey else study.constructs
    areas = counted(len(constructs), "area (construct)", "areas (constructs)")
    # What the first caveat says about the sign need not be said again.
    terms = ["◇ marks what is simulated."] * bool(interviews and interviews.simulated and not study.banner)
    if not survey:
        explained = "The areas are constructs of Normalisation Process Theory: kinds of work that make a practice ordinary."
        return [explained] * bool(constructs) + terms
    scales = [study.scales[name] for name in study.scored_items["scale"].unique()]
    tops = [[point.label for point in scale.responses if point.band == scale.bands[-1]] for scale in scales]
    tops = [label for scale, tops in zip(scales, tops, strict=True) for label in (tops if len(tops) < 3 else scale.bands[-1:])]
    turned = " (reversed for negative wording)" * bool(study.scored_items["reversed"].any())
    aside = "; “not relevant” is left out" * any(scale.not_relevant for scale in scales)
    return [
        f"NoMAD asks about {areas} of Normalisation Process Theory: kinds of work that make a practice ordinary.",
        f"Favourable means {listed(map(quote, tops)).replace('” and “', '” or “')}{turned}{aside}.",
        "Our own rule, since NoMAD has none: from 90% favourable answers we say “yes”, from 60% “mostly yes”, from 40% "
        "“in part”, from 10% “mostly not yet”.",
        *terms,
    ]


# --- each construct at a glance ---------------------------------------------------------------------------------------
def place_items(favour: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Statements whose share is told: `place` and `end` in per cent; `aside` (lines of text) parts those of equal share.

    The three lowest of those below the share of all statements together are `named`.
    """
    shares = {name: 100 * favour[end] / favour["denominator"] for name, end in (("place", "least"), ("end", "most"))}
    items = favour.assign(**shares).dropna(subset="place")
    alike = items.groupby(["construct", items["place"].round()])["item"]
    aside = alike.cumcount() * np.minimum(0.5, 1 / alike.transform("size"))
    low = items[items["place"] < items["typical"]].nsmallest(MOST_NAMED, "place")
    turned = low["item"].map(study.items["reversed"]).map({True: " (worded negatively) ", False: " "})
    shares = [describe_favour(row).removesuffix(" favourable") for row in low.itertuples()]
    named = name_items(low["item"], study, 56) + turned + shares
    return items.assign(aside=aside, named=named.reindex(items.index, fill_value=""))


def draw_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> plt.Axes:
    """Each row is one construct: a dot for each statement's favourable share, a tick or band for all; who spoke of it.

    Without a survey a bar counts the people. Heights are in lines of text, so that a row has room for what it says.
    """
    narrow, items = style.is_narrow(), place_items(favour, study)
    drawn, axes = plt.subplots()
    across, letter, wide, top = axes.get_yaxis_transform(), (2.2 if narrow else 1.6), (44 if narrow else 30), 0.0
    for row in drop_uncoded(joined).itertuples():
        here = items[items["construct"] == row.construct].sort_values("place", ascending=False)
        name = ": ".join(dict.fromkeys([study.construct_name(row.construct), name_area(study, row.construct)]))
        name = "\n".join(filter(None, [style.wrapped(name, wide), describe_middle(row)]))
        spoken, labels = style.wrapped(describe_spoken(row, study), wide), here[here["named"] != ""]
        lines, said = (text.count("\n") + 1 for text in (name, spoken))
        if narrow:
            y, beside = top + lines + 1.4, top + lines + len(labels) + 2.4
            bottom = beside + said + 0.4
        else:
            y, beside, bottom = top + 1.1, top + 0.3, top + 0.5 + max(lines, said, len(labels) + 1.4)
        if items.empty and row.denominator > 0:
            axes.barh(y, 100 * row.numerator / row.denominator, 0.9, color=style.HIGH_COLOURS[0])
        colours = np.where(here["named"] != "", style.LOW_COLOURS[1], style.HIGH_COLOURS[1])
        axes.hlines(y - here["aside"], here["place"], here["end"], colours, linewidth=2)
        if row.middle < row.middle_most:
            axes.fill_betweenx([y - 0.8, y + 0.6], row.middle, row.middle_most, color=style.INK, alpha=0.2, linewidth=0)
        else:
            axes.vlines(row.middle, y - 0.8, y + 0.6, style.INK, linewidth=2.5)
        axes.scatter(here["place"], y - here["aside"], 42, colours, edgecolor="w", linewidth=0.5, zorder=3)
        for nth, label in enumerate(labels.itertuples(), 1):
            length = letter * len(label.named)
            axes.plot([label.place] * 2, [y, y + nth], color="#999999", linewidth=0.8)
            start = np.clip(label.place - length / 2, 0, max(0, 100 - length))
            axes.text(start, y + nth + 0.15, label.named, va="center", fontsize=9, bbox={"color": "w", "pad": 0.5})
        at = {"transform": across, "va": "top", "fontsize": 9}
        axes.text(0 if narrow else -0.02, top + 0.4, name, ha="left" if narrow else "right", **at)
        axes.text(0 if narrow else 1.03, beside, spoken, ha="left", **at)
        axes.axhline(bottom, color="#dddddd", linewidth=0.8)
        top = bottom
    drawn.set_size_inches(style.width(), 0.5 + 0.185 * top)
    ticks = [] if items.empty else [0, 25, 50, 75, 100]
    axes.set(xlim=(-2, 102), ylim=(top, 0), yticks=[], xticks=ticks, xticklabels=[f"{tick}%" for tick in ticks])
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.spines[["left", "bottom"]].set_visible(False)
    return axes


def describe_middle(row) -> str:
    """The favourable share of a construct, "84% favourable", or the range that may be told; empty without any."""
    return "" if pd.isna(row.middle) else f"{span(percent(row.middle), percent(row.middle_most))} favourable"


def describe_spoken(row, study: Study) -> str:
    """How many people interviewed spoke of a construct (or have texts on it), and the analyst's judgement, in words."""
    people = f"{row.numerator:g} of {row.denominator:g}" if row.numerator else f"none of {row.denominator:g}"
    told = f"texts from {people} people" if name_text(study) == "gist" else f"{people} interviewed spoke of it"
    told = "number withheld" if pd.isna(row.numerator) else told
    return "; ".join(filter(None, [told if row.denominator > 0 else "", CONCLUDED.get(row.judgement, "")]))


def title_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> str:
    """The lowest statement, or without a survey what was spoken of."""
    items = place_items(favour, study)
    low = items[items["named"] != ""].sort_values("place")
    if len(low):
        first, name = low.iloc[0], quote(study.items.loc[low["item"].iloc[0], "label"])
        certain = len(items) == len(favour) and items.drop(first.name)["place"].ge(first["end"]).all()
        claim = "drew the fewest favourable answers" if certain else "is among the lowest of the statements shown"
        return f"{name} {claim}"
    if len(items):
        exact = favour["share"].notna().all()
        return "Answers to all statements are alike" if exact else "No statement is certain to be below all of them together"
    spoken, few = "How many of the people interviewed spoke of each area", "Too few people answered for a share to be shown"
    return spoken if study.definition.interviews else few


def label_numbers(study: Study) -> dict[str, str]:
    """What the numbers behind the figure count, if not people who were interviewed."""
    return {"numerator": "Favourable"} if study.definition.survey else {}


def count_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> str:
    """What the figure counts, of whom, when."""
    if not favour["denominator"].gt(0).any():
        return ""
    people = counted(int(favour["denominator"].max()), "person", "people")
    items, apart = place_items(favour, study), favour["middle"] < favour["middle_most"]
    low = " (orange: the lowest)" * bool(items["named"].ne("").any())
    mark = "black tick" if not apart.any() else "grey band" if apart.all() else "black tick or grey band"
    ranges = " Lines and bands span what is withheld." * bool(favour["share"].isna().any())
    return f"A dot is a statement{low}, a {mark} its whole area ({people} at most{name_wave(study)}).{ranges}"


def describe_constructs(favour: pd.DataFrame, joined: pd.DataFrame, study: Study) -> str:
    """The figure for those who cannot see it: its title, then each construct by name alone."""
    said = [title_constructs(favour, joined, study)]
    for row in drop_uncoded(joined).itertuples():
        parts = "; ".join(filter(None, [describe_middle(row), describe_spoken(row, study)]))
        said.append(": ".join(filter(None, [study.construct_name(row.construct), parts])))
    return textwrap.shorten(". ".join(said) + ".", MOST_LETTERS, placeholder=" …")
