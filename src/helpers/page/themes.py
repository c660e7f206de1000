"""What notebook 4 shows: participants, themes and codes."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers.disclosure.interviews import ANYBODY, choose_quotations, protect_crossing
from helpers.disclosure.people import pool_people
from helpers.interviews import coding, quotations, texts
from helpers.interviews.agreement import measure_agreement
from helpers.interviews.themes import (
    ALL_PARTICIPANTS,
    band_counts,
    count_cooccurrence,
    count_new_codes,
    cross_themes,
    describe_count,
    find_unused_codes,
    measure_coverage,
    permute_saturation,
)
from helpers.interviews.transcripts import read_transcripts
from helpers.page import charts, render
from helpers.page.page import Page
from helpers.page.words import between, counted, decimals, listed, whole
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError

# A picture of more rows or columns than this cannot be read.
MOST_ROWS = 40


def say_source(study: Study) -> str:
    note = study.interviews.note.strip()
    return f"Source of the coding: {coding.describe_reading(study)}." + (f" {note}" if note else "")


def word_for_text(study: Study, number: int = 2) -> str:
    """What one segment's text is called: a quotation, or a gist where the study has no words."""
    words = {"words": ("quotation", "quotations"), "gist": ("gist", "gists")}[study.interviews.text_is]
    return words[number != 1]


def basis_of_participants(page: Page, participants: pd.DataFrame) -> str:
    """Whether any of the participants' attributes that are shown were shared out and not observed."""
    interviews = page.run.study.interviews
    people = pool_people(participants, interviews.merges, page.threshold)
    shared_out = [name for name, a in interviews.attributes.items() if a.simulated and len(people[name].cat.categories)]
    return "assigned" if shared_out else "interviews"


def tabulate_participants(page: Page, participants: pd.DataFrame) -> pd.DataFrame:
    """Participants at each level of every attribute; levels that a file leaves blank stand as not stated, for the team."""
    rows = []
    people = pool_people(participants, page.run.study.interviews.merges, page.threshold)
    for name, attribute in page.run.study.interviews.attributes.items():
        counts = people[name].value_counts(sort=False)
        rows += [(level, attribute.label, int(counts[level])) for level in people[name].cat.categories]
        if participants[name].isna().any() and not page.threshold:
            rows.append(("Not stated", attribute.label, int(participants[name].isna().sum())))
    rows.append(("All participants", "–", len(participants)))
    rows = [(group, known, whole(n if n == 0 or n >= page.threshold else None)) for group, known, n in rows]
    return pd.DataFrame(rows, columns=["Group", "What is known of them", "Participants"])


def say_themes(study: Study, counts: pd.DataFrame) -> str:
    """Each theme with its participants, most first; without segments where those are withheld."""
    ranked = counts.sort_values(["participants", "segments"], ascending=False, kind="stable")
    unit = "segment" if study.interviews.text_is == "words" else "gist"
    told, hidden = ranked[ranked["participants"].notna()], ranked.loc[ranked["participants"].isna(), "theme"]
    parts = [
        f"{row.theme}, {row.participants:g} of {row.of:g} participants"
        if pd.isna(row.segments)
        else f"{row.theme}, {describe_count(row.participants, row.of, row.segments, unit)}"
        for row in told.itertuples()
    ]
    withheld = f" Withheld: {listed(hidden)}." if len(hidden) else ""
    return (f"Coded for each theme: {'; '.join(parts)}." if parts else "") + withheld


def show_themes(page: Page, counts: pd.DataFrame) -> HTML:
    """Participants by theme: figure and sentence."""
    study = page.run.study
    sentence = say_themes(study, counts)
    drawn = charts.draw_counts(counts.set_index("theme")["participants"], f"Participants, of {whole(counts['of'].max())}")
    caption = "Participants with at least one segment in each theme"
    return render.together([
        page.figure(
            drawn, "themes", caption, alt=sentence, data=label_counts(counts), basis="interviews", shared=True
        ),
        page.say(sentence, key="themes", basis="interviews", shared=True),
    ])  # fmt: skip


def label_counts(counts: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({
        "Theme": counts["theme"], "Participants": [whole(n) for n in counts["participants"]],
        "Of": [whole(n) for n in counts["of"]],
    })  # fmt: skip
    return table if counts["segments"].isna().all() else table.assign(Segments=counts["segments"])


def name_codes(keys: pd.Series, codes: pd.DataFrame) -> pd.Series:
    """Codes as a reader sees them."""
    labels = dict(zip(codes["code"], codes["label"], strict=True))
    return keys.map(lambda key: labels.get(key) or key)


def label_codes(study: Study, counts: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    constructs = dict(zip(codes["code"], codes["construct"], strict=True))
    named = counts.sort_values(["participants", "segments"], ascending=False, kind="stable")
    table = pd.DataFrame({"Code": name_codes(named["code"], codes)})
    if codes["construct"].notna().any():
        keys = named["code"].map(constructs)
        table["Construct"] = [study.construct_name(key) if pd.notna(key) else "–" for key in keys]
    return table.assign(Participants=named["participants"], Of=named["of"], Segments=named["segments"])


def show_crossings(page: Page, segments: pd.DataFrame, participants: pd.DataFrame, by_theme, banded: bool) -> HTML:
    """Themes by each attribute that was observed, as participants of all in the column, or for the team in bands."""
    shown = []
    people = pool_people(participants, page.run.study.interviews.merges, page.threshold)
    withheld = list(by_theme.loc[by_theme["participants"].isna(), "theme"])
    for name, attribute in page.run.study.interviews.attributes.items():
        if attribute.simulated or not len(people[name].cat.categories):
            continue
        counts = cross_themes(segments, people, name, groups={} if page.threshold else attribute.groups)
        told = protect_crossing(counts, name, page.threshold, withheld)
        if page.threshold:
            told = drop_untold(told, name)
        if told.empty:
            continue
        cells = told.assign(cell=[f"{whole(r.participants)} of {whole(r.of)}" for r in told.itertuples()])
        if banded and not page.threshold:
            cells = counts.assign(cell=band_counts(counts["participants"]))
        wide = cells.pivot(index="theme", columns=name, values="cell")
        wide = wide.reindex(index=told["theme"].drop_duplicates(), columns=told[name].drop_duplicates())
        wide.columns = [str(column) for column in wide.columns]
        shown.append(page.table(
            wide.rename_axis("Theme").reset_index(), f"themes_by_{name}",
            f"Participants with a segment in each theme, by {attribute.label.lower()}", basis="interviews", shared=True,
        ))  # fmt: skip
    if not shown:
        return page.say("Nothing is known of the participants by which they could be compared.", basis="interviews")
    return render.together(shown)


def drop_untold(crossed: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """A crossing without the themes of which no group is told, or whose total could not be told beside its groups.

    The total stands in another table, and with it and the sizes of groups a row of marks alone could tell too much.
    """
    total = crossed[attribute].eq(ALL_PARTICIPANTS)
    groups_told = crossed.loc[~total & crossed["participants"].notna(), "theme"]
    totals_told = crossed.loc[total & crossed["participants"].notna(), "theme"]
    return crossed[crossed["theme"].isin(set(groups_told) & set(totals_told))]


def matrix_of_codes(matrix: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Codes in rows, participants in columns, most used codes first."""
    ordered = matrix.T.loc[matrix.gt(0).sum().sort_values(ascending=False, kind="stable").index]
    return ordered.set_axis(name_codes(ordered.index.to_series(), codes).to_list())


def draw_code_matrix(matrix: pd.DataFrame):
    return charts.draw_matrix(matrix.iloc[:MOST_ROWS, :MOST_ROWS], "Participant; the number in a cell is segments")


def say_coverage(segments: pd.DataFrame, participants: pd.DataFrame) -> str:
    coverage = measure_coverage(segments, participants)
    none = int((coverage["segments"] == 0).sum())
    without = f" {counted(none, 'participant')} of {len(coverage)} had no segment." if none else ""
    return (
        f"A participant's segments carry between {coverage['codes'].min()} and {coverage['codes'].max()} of the "
        f"{coverage['of_codes'].max()} codes in use.{without}"
    )


def show_cooccurrence(page: Page, segments: pd.DataFrame, codes: pd.DataFrame, unit: str) -> HTML:
    """Codes that stand together in one segment, participant or source."""
    check_unit("together", unit, ["segment", "participant", "source"])
    pairs = count_cooccurrence(segments, by="code", unit=unit)
    if pairs.empty:
        return page.say(f"No two codes stand together in one {unit}.", basis="interviews")
    top = pairs.head(15)
    table = pd.DataFrame({
        "Code": name_codes(top["first"], codes), "And": name_codes(top["second"], codes),
        f"{unit.capitalize()}s with both": top["both"], "With the first": top["first_units"],
        "With the second": top["second_units"], "Jaccard": [decimals(value) for value in top["jaccard"]],
    })  # fmt: skip
    caption = f"Codes that stand together in one {unit}, most {unit}s first: {len(top)} of {counted(len(pairs), 'pair')}"
    return page.table(table, "cooccurrence", caption, basis="interviews")


def show_saturation(page: Page, segments, participants, inductive: bool, orders: int, seed: int) -> HTML:
    """The curve of new codes, for inductive coding alone."""
    if not inductive:
        text = (
            "Not shown: where codes were chosen beforehand, such a curve says nothing about saturation. Set the parameter "
            "`inductive` when the codes came from the interviews themselves."
        )
        return page.say(text, basis="published")
    found = permute_saturation(segments, participants, orders=orders, seed=seed)
    curve = pd.DataFrame({
        "x": found["interviews"], "y": found["mean"], "low": found["low"], "high": found["high"], "series": "Codes found",
    })  # fmt: skip
    last = found.iloc[-1]
    half = found[found["mean"] >= last["of"] / 2].iloc[0]
    reached = f"{int(half['interviews'])} of {int(last['interviews'])} participants"
    alt = f"Half of the {int(last['of'])} codes are found after {reached}."
    figure = page.figure(
        charts.draw_curve(curve, "Participants", "Codes found (mean and 95% of orders)"), "saturation",
        "Codes found by number of participants, over random orders; for inductive coding only", alt=alt,
        data=found.round(1).set_axis(["Participants", "Mean", "Low", "High", "Codes in all"], axis=1), basis="interviews",
    )  # fmt: skip
    return render.together([show_new_codes(page, segments, participants), figure])


def show_bank(page: Page, segments: pd.DataFrame, participants: pd.DataFrame, by_theme: pd.DataFrame) -> HTML:
    """Texts by theme: all for the team, and for a funder those that the team has approved."""
    study = page.run.study
    people = pool_people(participants, study.interviews.merges, page.threshold)
    shown = [name for name in list(study.interviews.attributes)[:1] if len(people[name].cat.categories)]
    bank = texts.build_quotation_bank(segments, people, shown)
    if not page.threshold:
        return page.table(label_bank(study, bank), "bank", caption_bank(study), basis="interviews")
    approved, withheld = coding.read_approved(study), by_theme.loc[by_theme["participants"].isna(), "theme"]
    chosen = choose_quotations(bank, segments, people, shown, approved, page.threshold)
    rows = hide_themes(chosen.rows, list(withheld), page.threshold)
    if rows.empty:
        text = "There is no text of an interview that the team has approved and that can be shown without pointing at anybody."
        return page.say(text, basis="interviews", shared=True)
    table = rows[["theme", "text", "attribution"]].set_axis(
        ["Theme", word_for_text(study, 1).capitalize(), "Attributed to"], axis=1
    )
    hidden = chosen.left_out + len(chosen.rows) - len(rows)
    why = "left out, since together they could point at a person or tell a withheld count."
    notes = f"{counted(hidden, 'text')} {why}" if hidden else ""
    return page.table(table, "bank", caption_bank(study), notes=notes, basis="interviews", shared=True)


def hide_themes(rows: pd.DataFrame, withheld: list[str], threshold: int) -> pd.DataFrame:
    """Approved texts without what would bound the count of a theme that is withheld: its name, its people's fields, its place.

    Texts under several withheld themes stand together at the end, sorted and from "a participant"; those under a single one,
    or fewer than `threshold`, are left out.
    """
    few = rows["theme"].isin(withheld)
    rest = rows[few].assign(theme="Other themes", attribution=ANYBODY).drop_duplicates("text").sort_values("text")
    enough = rows.loc[few, "theme"].nunique() > 1 and len(rest) >= threshold
    return pd.concat([rows[~few], rest]) if enough else rows[~few]


def caption_bank(study: Study) -> str:
    word = word_for_text(study).capitalize()
    return f"{word} by theme" + (" (our words, not the speakers')" if study.interviews.text_is == "gist" else "")


def label_bank(study: Study, bank: pd.DataFrame) -> pd.DataFrame:
    word = word_for_text(study, 1).capitalize()
    return pd.DataFrame({
        "Segment": bank["segment"], "Theme": bank["theme"], word: bank["text"], "Attributed to": bank["attribution"],
        "People it could be": bank["held_by"],
    })  # fmt: skip


def show_recurring(page: Page, recurring: pd.DataFrame) -> HTML:
    study = page.run.study
    gists = study.interviews.text_is == "gist"
    compared = " Only gists were compared, since this study has no words." if gists else ""
    if recurring.empty:
        return page.say(f"No text stands under two people.{compared}", key="recurring", basis="interviews")
    verb = "is" if len(recurring) == 1 else "are"
    sentence = (
        f"{counted(len(recurring), 'pair')} of nearly identical {word_for_text(study)} {verb} attributed to different "
        f"people.{compared}"
    )
    table = pd.DataFrame({
        "Segments": recurring["first_segment"] + " and " + recurring["second_segment"],
        "Attributed to": recurring["first_participant"] + " and " + recurring["second_participant"],
        "How alike": recurring["kind"], "First text": recurring["first_text"], "Second text": recurring["second_text"],
    })  # fmt: skip
    return render.together([
        page.say(sentence, key="recurring", basis="interviews"),
        page.table(table, "recurring", "Nearly identical texts attributed to different people", basis="interviews"),
    ])  # fmt: skip


def show_unused(page: Page, codes: pd.DataFrame, segments: pd.DataFrame) -> HTML:
    unused = name_codes(find_unused_codes(codes, segments)["code"], codes)
    text = f"Codes of the codebook that no segment carries: {listed(unused)}. That nothing was coded is not disagreement."
    return page.say(text, basis="interviews")


def show_coverage(page: Page, segments: pd.DataFrame, participants: pd.DataFrame) -> HTML:
    """How much of the codes, and of what each participant said, the coding covers."""
    study = page.run.study
    transcripts = read_transcripts(study) if study.interviews.transcripts else None
    found = measure_coverage(segments, participants, transcripts)
    table = pd.DataFrame({
        "Participant": found["participant"], "Segments": found["segments"], "Codes": found["codes"], "Of": found["of_codes"],
        "Themes": found["themes"], "Of all": found["of_themes"],
    })  # fmt: skip
    if transcripts is not None:
        table = table.assign(**{"Words coded": found["words_coded"], "Words spoken": found["words_spoken"]})
        table = table.assign(Note=found["note"].replace("", "–"))
    return page.table(table, "coverage", "What the coding covers of each participant", basis="interviews")


def show_quotation_checks(page: Page, segments: pd.DataFrame) -> HTML:
    """Every quotation against its own participant's words, where the study has transcripts."""
    study = page.run.study
    if study.interviews.transcripts is None:
        reason = "it has gists and no words" if study.interviews.text_is == "gist" else "it names no transcripts"
        return page.say(f"No quotation of this study can be checked: {reason}.", basis="interviews")
    found = quotations.check_quotations(segments, read_transcripts(study))
    right = found["verdict"].isin([quotations.VERBATIM, quotations.IN_PIECES])
    flagged = found["negation_changed"] | found["number_changed"]
    sentence = page.say(
        f"{int(right.sum())} of {counted(len(found), 'quotation')} stand verbatim in their participant's own words; "
        f"{int((~right).sum())} do not, {int(flagged.sum())} with a changed negation or number.",
        basis="interviews", key="quotations",
    )  # fmt: skip
    wrong = found[~right | flagged].sort_values(["negation_changed", "number_changed"], ascending=False, kind="stable")
    if wrong.empty:
        return sentence
    changed = [
        listed([word for word, so in (("negation", r.negation_changed), ("number", r.number_changed)) if so], "–")
        for r in wrong.itertuples()
    ]
    table = pd.DataFrame({
        "Segment": wrong["segment"], "Attributed to": wrong["participant"], "What was found": wrong["verdict"].str.capitalize(),
        "Changed": changed, "Quotation": wrong["text"], "Difference": wrong["difference"].replace("", "–"),
        "Said by": wrong["spoken_by"].fillna("").replace("", "–"),
    })  # fmt: skip
    caption = "Quotations that differ from the transcript: changed negations and numbers first"
    return render.together([sentence, page.table(table, "quotation_checks", caption, basis="interviews")])


def show_pointing(page: Page, segments: pd.DataFrame, participants: pd.DataFrame) -> HTML:
    """Participants at whom quotations together point: a prompt for the team before anything is shared."""
    shown = list(page.run.study.interviews.attributes)[:1]
    found = texts.find_pointing_quotations(segments, participants, shown)
    if found.empty:
        return page.say("No set of texts was found that together points at one person.", basis="interviews")
    table = pd.DataFrame({
        "Participant": found["participant"], "Attributed to": found["attribution"], "People it could be": found["held_by"],
        "Texts": found["quotations"], "Details": found["details"].replace("", "–"), "Why": found["reason"],
    })  # fmt: skip
    return page.table(
        table, "pointing", "Participants at whom texts together may point, for the team to read", basis="interviews"
    )


def show_agreement(page: Page, segments: pd.DataFrame, codes: pd.DataFrame, agreement: bool, unit: str, seed: int) -> HTML:
    """Agreement between coders, on request."""
    if not agreement:
        text = (
            "Not shown: under reflexive thematic analysis coders are not expected to agree. Set the parameter `agreement` "
            "where a study's method asks for it."
        )
        return page.say(text, basis="published")
    check_unit("agreement_unit", unit, ["segment", "source"])
    found = measure_agreement(segments, unit=unit, seed=seed)
    if found.empty:
        return page.say("The segments name no coders, so there is no agreement to measure.", basis="interviews")
    table = pd.DataFrame({
        "Code": name_codes(found["code"], codes), "Coders": found["coders"], "Units": found["units"], "Agreed": found["agreed"],
        "Cohen's kappa (95% CI)": [with_interval(r.kappa, r.kappa_low, r.kappa_high) for r in found.itertuples()],
        "Krippendorff's alpha (95% CI)": [with_interval(r.alpha, r.alpha_low, r.alpha_high) for r in found.itertuples()],
        "Note": found["note"].replace("", "–"),
    })  # fmt: skip
    caption = f"Agreement between coders on each code, over {unit}s that at least one of them marked"
    return page.table(table, "agreement", caption, basis="interviews")


def check_unit(parameter: str, unit: str, known: list[str]) -> None:
    if unit not in known:
        raise WorkbookError(
            "parameters", parameter, repr(unit), "one of " + ", ".join(known), f"correct the parameter `{parameter}`"
        )


def with_interval(value: float, low: float, high: float) -> str:
    return decimals(value) + (f" ({between(low, high)})" if pd.notna(low) else "")


def show_new_codes(page: Page, segments: pd.DataFrame, participants: pd.DataFrame) -> HTML:
    found = count_new_codes(segments, participants)
    table = found.set_axis(["Participant", "Codes", "New codes", "Codes so far"], axis=1)
    return page.table(
        table, "new_codes", "Codes that each participant adds, in the order of the participants' file", basis="interviews"
    )
