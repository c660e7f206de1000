"""What notebook 6 shows: published figures against each other, against the text and against respondents' rows."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from helpers.audit import claims, figures, means, percentages
from helpers.audit.cells import NOT_RELEVANT, Cell, compare_items, list_count_cells, list_item_cells
from helpers.interviews.themes import count_themes
from helpers.page import charts, render
from helpers.page.page import Page
from helpers.page.words import counted, decimals, listed
from helpers.study import reading
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.runs import Run
from helpers.survey import distributions, scoring

# Most serious first; findings that agree are counted and not listed.
SEVERITIES = ["contradiction", "question", "note", "not checked"]
PERCENTAGES = ["low_or_disagree", "neutral", "high_or_agree", "not_relevant"]


def read_published(study: Study, name: str) -> pd.DataFrame:
    """One of the published tables as text, as printed; empty where the study has none."""
    relative = getattr(study.published, name)
    return reading.read_csv(study.file(relative), []) if relative else pd.DataFrame()


def name_table(study: Study, name: str) -> str:
    """What the report calls one of its tables."""
    return study.published.names.get(name, f"the table of {name}")


def say_published(study: Study) -> str:
    return f"The figures are those of {study.published.source}, carried over as printed, disagreements included."


# --- what is audited --------------------------------------------------------------------------------------------------
def audit_items(study: Study) -> pd.DataFrame:
    """Verdicts on the published percentages, row by row and for all rows on one scale together."""
    items = read_published(study, "items")
    if items.empty:
        return figures.frame_verdicts([])
    columns = [name for name in PERCENTAGES if name in items]
    blocks = items.assign(block=items["item"].map(study.items["scale"]) + " items")
    return percentages.audit_percentages(
        blocks, "item", columns, study.published.responded, name_table(study, "items"), block="block"
    )


def audit_counts(study: Study) -> pd.DataFrame:
    """Verdicts on the panels of the published tables of counts; the text's totals are of respondents."""
    found = []
    for name, totals in (("respondents", study.published.totals), ("participants", {})):
        counts = read_published(study, name)
        if len(counts):
            found.append(means.audit_panels(counts, name_table(study, name), totals))
    return pd.concat(found, ignore_index=True) if found else figures.frame_verdicts([])


def list_cells(study: Study) -> list[Cell]:
    """Every figure of the published tables, by name."""
    cells = []
    items = read_published(study, "items")
    if len(items):
        cells += list_item_cells(items, bands_by_item(study, items), name_table(study, "items"))
    for name in ("respondents", "participants"):
        counts = read_published(study, name)
        if len(counts):
            cells += list_count_cells(counts, name_table(study, name))
    return cells


def bands_by_item(study: Study, items: pd.DataFrame) -> dict[str, list[str]]:
    """Each published item's bands, lowest first, from the scale that the codebook gives it."""
    unknown = [item for item in items["item"] if item not in study.items.index]
    if unknown:
        raise WorkbookError(
            study.folder / study.published.items, f"item {unknown[0]!r}", "an item that codebook.csv does not have",
            "items of the codebook", "correct its name in one of the two files",
        )  # fmt: skip
    return {item: study.scale_of(item).bands for item in items["item"]}


def audit_text(study: Study) -> pd.DataFrame:
    """Verdicts on the figures of the report's prose."""
    said = read_published(study, "claims")
    if said.empty:
        return figures.frame_verdicts([])
    return claims.audit_claims(said, list_cells(study), study.published.totals)


def audit_relations(study: Study) -> pd.DataFrame:
    """Verdicts on relations among published figures that the study's folder lists, each told in the words of `says`."""
    relations = read_published(study, "relations")
    if relations.empty:
        return figures.frame_verdicts([])
    values = claims.name_values(read_published(study, "claims"), list_cells(study), audit_items(study))
    found = claims.check_claims(relations, values, "the text").drop(columns="holds")
    if "says" in relations:
        said = dict(zip(relations["claim"], relations["says"] + " (" + relations["claim"] + ")", strict=True))
        found = found.assign(finding=found["id"].map(said) + ": " + found["finding"])
    return found


def recompute_items(run: Run) -> pd.DataFrame:
    """Every published percentage beside the one that respondents' rows give; see `claims.compare_items`."""
    study = run.study
    items = read_published(study, "items")
    bands = distributions.count_bands(run.read("responses"), study.codebook, study.scales)
    counts = bands.rename(columns={"denominator": "n"})[["item", "band", "count", "n"]]
    cells = list_item_cells(items, bands_by_item(study, items), name_table(study, "items"))
    return compare_items(cells, counts.assign(band=counts["band"].replace(distributions.NOT_RELEVANT_BAND, NOT_RELEVANT)))


def recompute_counts(run: Run) -> pd.DataFrame:
    """Published counts of respondents and participants beside those of the run's own tables.

    Returns
    -------
    DataFrame
        `where, panel, category, printed, computed, agrees`; a panel is matched by the label of a grouping or attribute,
        and `computed` is missing where the study has no such grouping or level.
    """
    study, rows = run.study, []
    groupings = study.survey.groupings if study.definition.survey else {}
    attributes = study.interviews.attributes if study.definition.interviews else {}
    for name, columns in (("respondents", groupings), ("participants", attributes)):
        printed = read_published(study, name)
        if printed.empty or not run.has(name):
            continue
        by_label = {part.label: key for key, part in columns.items()}
        people = run.read(name)
        for entry in printed.itertuples(index=False):
            key = by_label.get(entry.panel)
            known = key is not None and entry.category in columns[key].levels
            computed = int((people[key] == entry.category).sum()) if known else None
            agrees = None if computed is None else str(computed) == entry[-1]
            rows.append((name_table(study, name), entry.panel, entry.category, entry[-1], computed, agrees))
    columns = ["where", "panel", "category", "printed", "computed", "agrees"]
    return pd.DataFrame(rows, columns=columns).astype({"computed": "Int64", "agrees": "boolean"})


def list_values(run: Run) -> dict[str, str]:
    """This run's values by name, for the claims of a report being written.

    Names: "responses", "B2: n", "B2: Agree: count", "B2: Agree: percent" (of all who answered, two decimals),
    "coherence: median", "coherence: mean", "participants", "theme NAME: participants", "code NAME: participants". A value
    that does not exist here is missing, and a claim that names it cannot be checked.
    """
    study, values = run.study, {}
    if run.has("responses"):
        values["responses"] = str(len(run.read("respondents")))
        for row in distributions.count_bands(run.read("responses"), study.codebook, study.scales).itertuples():
            values[f"{row.item}: n"] = str(row.denominator)
            values[f"{row.item}: {row.band}: count"] = str(row.count)
            if row.denominator:
                values[f"{row.item}: {row.band}: percent"] = f"{row.share:.2f}"
    if run.has("scores"):
        for row in scoring.describe_scores(run.read("scores")).dropna(subset="median").itertuples():
            values |= {f"{row.construct}: median": f"{row.median:.2f}", f"{row.construct}: mean": f"{row.mean:.2f}"}
    if run.has("segments"):
        segments, participants = run.read("segments"), run.read("participants")
        values["participants"] = str(len(participants))
        for by in ("theme", "code"):
            for row in count_themes(segments, participants, by=by).itertuples():
                values[f"{by} {getattr(row, by)}: participants"] = str(row.participants)
    return values


# --- what is shown ----------------------------------------------------------------------------------------------------
def label_verdicts(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Findings that are no mere agreement, most serious first."""
    order = {name: k for k, name in enumerate(SEVERITIES)}
    ranked = verdicts[verdicts["severity"] != "agrees"].sort_values("severity", key=lambda s: s.map(order), kind="stable")
    return pd.DataFrame({
        "Where": ranked["where"] + ", " + ranked["id"], "Kind": ranked["severity"].str.capitalize(),
        "What was found": ranked["finding"],
    })  # fmt: skip


def say_verdicts(verdicts: pd.DataFrame, what: str) -> str:
    counts = verdicts["severity"].value_counts()
    parts = [counted(int(counts[name]), name) for name in SEVERITIES[:3] if name in counts]
    if "not checked" in counts:
        parts.append(f"{counts['not checked']} not checked")
    agree = int(counts.get("agrees", 0))
    return f"Of {counted(len(verdicts), what)}, {agree} hold together; there {listed_with_verb(parts)}."


def listed_with_verb(parts: list[str]) -> str:
    return f"{'is' if parts and parts[0].startswith('1 ') else 'are'} {listed(parts, 'no others')}"


def show_verdicts(page: Page, verdicts: pd.DataFrame, name: str, caption: str, what: str, key: str = "") -> HTML:
    """A sentence that counts, and a table of what does not simply agree."""
    sentence = page.say(say_verdicts(verdicts, what), basis="published", key=key, shared=True)
    rows = label_verdicts(verdicts)
    return render.together([sentence, page.table(rows, name, caption, basis="published")]) if len(rows) else sentence


def show_feasible_numbers(page: Page) -> HTML:
    """Which numbers of respondents fit each published row: a picture, and the rows that raise a question."""
    study = page.run.study
    verdicts = audit_items(study)
    if verdicts.empty:
        return page.say("The study has no published percentages to check.", basis="published")
    items = read_published(study, "items")
    rows = verdicts[verdicts["id"].isin(items["item"])]
    data = pd.DataFrame({
        "Row": rows["id"], "Printed": rows["printed"], "Numbers of respondents that fit": rows["computed"].replace("", "none"),
    })  # fmt: skip
    none = listed(rows.loc[rows["computed"].isin(["", "none"]), "id"])
    picture = page.figure(
        charts.draw_feasible(rows.set_index("id")["computed"], study.published.responded), "feasible",
        f"Numbers of respondents, up to {study.published.responded}, that each row of {name_table(study, 'items')} can rest on",
        alt=f"A grid of rows against numbers of respondents. Rows that no number fits: {none}.", data=data, basis="published",
    )  # fmt: skip
    caption = f"Questions on the percentages of {name_table(study, 'items')}"
    return render.together([picture, show_verdicts(page, verdicts, "percentages", caption, "check", "percentages")])


def show_panels(page: Page) -> HTML:
    verdicts = audit_counts(page.run.study)
    if verdicts.empty:
        return page.say("The study has no published counts to add up.", basis="published")
    return show_verdicts(page, verdicts, "panels", "Totals of the published counts", "panel", "totals")


def show_claims(page: Page) -> HTML:
    study = page.run.study
    verdicts = pd.concat([audit_text(study), audit_relations(study)], ignore_index=True)
    if verdicts.empty:
        return page.say("The study lists no figures of the report's prose.", basis="published")
    return show_verdicts(page, verdicts, "claims", "Figures of the text against the tables", "claim", "text")


def show_recomputed(page: Page) -> HTML:
    """Published cells beside computed ones, where the run has rows to compute from."""
    study, shown = page.run.study, []
    if study.published.items and page.run.has("responses"):
        items = recompute_items(page.run)
        sentence = say_recomputed(items["agrees"], name_table(study, "items"))
        shown.append(page.say(sentence, basis="margins", key="recomputed"))
        shown.append(page.table(
            label_recomputed(items), "recomputed_items", f"{name_table(study, 'items')}, printed and computed", basis="margins"
        ))  # fmt: skip
    counts = recompute_counts(page.run)
    for where, rows in counts.groupby("where", sort=False):
        basis = "assigned" if where == name_table(study, "participants") else "margins"
        shown.append(page.say(say_recomputed(rows["agrees"], where), basis=basis))
        table = rows.drop(columns="where").set_axis(["Panel", "Category", "Printed", "Computed", "Agrees"], axis=1)
        name = "recomputed_" + render.anchor(where).replace("-", "_")
        table = table.assign(Agrees=table["Agrees"].map({True: "yes", False: "no"}).fillna("not computed"))
        table = table[["Category", "Panel", "Printed", "Computed", "Agrees"]]
        shown.append(page.table(table, name, f"{where}, printed and computed", basis=basis))
    if not shown:
        return page.say("There are no rows from which the published tables could be computed again.", basis="published")
    return render.together(shown)


def say_recomputed(agrees: pd.Series, where: str) -> str:
    known = agrees.dropna().astype(bool)
    differ = int((~known).sum())
    rest = f"; {len(agrees) - len(known)} cannot be computed" if len(known) < len(agrees) else ""
    verb = "differs" if differ == 1 else "differ"
    return f"{where}: {int(known.sum())} of {counted(len(known), 'cell')} agree within rounding, {differ} {verb}{rest}."


def label_recomputed(items: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Item": items["item"], "Band": items["band"], "Printed (%)": items["printed"],
        "Computed (%)": [decimals(value, 1) for value in items["computed"]],
        "Respondents": items["count"], "Of": items["n"],
        "Agrees": items["agrees"].map({True: "yes", False: "no"}).fillna("not checked"),
    })  # fmt: skip


def show_live_claims(page: Page, strict: bool) -> HTML:
    """Claims of a report being written, against this run; with `strict` the notebook stops when one does not hold."""
    study = page.run.study
    table = read_published(study, "live_claims")
    if table.empty:
        return page.say("The study keeps no claims of a report being written.", basis="published")
    found = claims.check_claims(table, list_values(page.run), study.published.live_claims)
    failing = found[~found["holds"]]
    if strict and len(failing):
        raise WorkbookError(
            study.folder / study.published.live_claims, listed("claim " + failing["id"]), " ".join(failing["finding"]),
            "claims that hold in this run", "correct the claim, or run without `strict_claims`",
        )  # fmt: skip
    words = f"{len(found) - len(failing)} of {counted(len(found), 'claim')} hold in this run."
    sentence = page.say(words, key="claims")
    rows = pd.DataFrame({
        "Claim": found["id"], "Holds": found["holds"].map({True: "yes", False: "no"}), "What was found": found["finding"],
    })  # fmt: skip
    return render.together([sentence, page.table(rows, "live_claims", "Claims of the report being written")])


def show_questions(page: Page) -> HTML:
    """Everything that is worth a question, in one table to hand to the authors."""
    study = page.run.study
    verdicts = pd.concat([audit_items(study), audit_counts(study), audit_text(study), audit_relations(study)])
    asked = verdicts[verdicts["severity"].isin(SEVERITIES[:2])].reset_index(drop=True)
    contradictions = int((asked["severity"] == "contradiction").sum())
    sentence = page.say(
        f"There {'is' if len(asked) == 1 else 'are'} {counted(len(asked), 'question')} for the authors, of which "
        f"{contradictions} {'is' if contradictions == 1 else 'are'} about figures that cannot all be right.",
        basis="published", key="questions", shared=True,
    )  # fmt: skip
    if asked.empty:
        return sentence
    return render.together([sentence, page.table(
        label_verdicts(asked), "questions", "Questions for the authors, those first on which most hangs", basis="published"
    )])  # fmt: skip
