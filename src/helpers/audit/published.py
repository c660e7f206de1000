"""Compare a study's published figures with one another, with the report's text, and with the study's own rows.

Verdicts are frames of text: `id, about, where, severity, finding, printed, computed`; see `figures.frame_verdicts`.
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from helpers.audit import claims, figures, rows
from helpers.audit.cells import Cell, audit_panels, compare_items, list_count_cells, list_item_cells
from helpers.audit.layout import read_rows
from helpers.audit.search import Printed, Row
from helpers.study import sheets
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError

# Most serious first.
SEVERITIES = ["contradiction", "question", "note", "not checked", "agrees"]
# Columns of published items, in reading order, for scales that are printed in two bands and in three.
BANDS = {2: ["low or disagree", "high or agree"], 3: ["low or disagree", "neutral", "high or agree"]}
DESCRIBING = ["section", "construct", "scale", "topic", "label"]
# The columns that a table must have.
COLUMNS = {
    "items": ["item"], "respondents": ["panel", "category"], "participants": ["panel", "category"],
    "claims": ["claim", "where", "about", "statistic", "value"],
} | dict.fromkeys(["relations", "live_claims"], ["claim", "left", "relation", "right"])  # fmt: skip
# The published tables of counts, and where a study defines the groups in them.
COUNTS = {"respondents": ("survey", "groupings"), "participants": ("interviews", "attributes")}


def read_published(study: Study, name: str) -> pd.DataFrame:
    """One of the published tables as text, as printed; without rows if the study has no such table."""
    relative = getattr(study.published, name)
    if not relative:
        return pd.DataFrame(columns=COLUMNS[name], dtype="str")
    path = study.file(relative)
    table = sheets.read_table(path, COLUMNS.get(name, []))
    if "relation" in COLUMNS.get(name, []):
        sheets.refuse_others(table, "relation", claims.RELATIONS, path, "correct the relation")
    if name == "items":
        sheets.refuse_others(table, "item", study.items.index, path, "correct its name here or in codebook.csv")
    return table


def name_table(study: Study, name: str) -> str:
    """What the report calls one of its tables."""
    return study.published.names.get(name, f"the table of {name}")


# --- figures against figures ------------------------------------------------------------------------------------------
def read_items(study: Study) -> tuple[list[Row], list[str]]:
    """The rows of the published items, each on its scale, and what we did not read. The items on one scale are a block."""
    items = read_published(study, "items")
    if items.empty:
        return [], []
    known, named = {}, {}
    for item in items["item"]:
        scale = study.scale_of(item)
        values = [response.value for response in scale.responses]
        whole = len(values) > 2 and values == list(range(int(values[0]), int(values[0]) + len(values)))
        bands = {name: [int(each.value) for each in scale.responses if each.band == name] for name in scale.bands}
        named[item] = dict(zip(BANDS.get(len(bands), []), bands, strict=False))
        points = {name: (bands[band][0], bands[band][-1]) for name, band in named[item].items()}
        known[item] = ((int(values[0]), int(values[-1])), points) if whole else (None, {})
    rows, unread = read_rows(items[["item", *items.columns.drop("item")]], name_table(study, "items"), (1, 5), known)
    rows = [name_bands(replace(row, block=f"{study.items['scale'][row.name]} items"), named[row.name]) for row in rows]
    return rows, [column for column in unread if column not in DESCRIBING]


def name_bands(row: Row, names: Mapping[str, str]) -> Row:
    """Rename a row's categories to the bands of the study's scale."""

    def rename(each: Printed) -> Printed:
        return replace(each, category=names.get(each.category, each.category))

    skipped = {heading: rename(each) for heading, each in row.skipped.items()}
    points = {names.get(name, name): ends for name, ends in row.points.items()}
    return replace(row, figures=tuple(map(rename, row.figures)), skipped=skipped, points=points)


def audit_items(study: Study) -> pd.DataFrame:
    """Verdicts on the published items, for each row and for all rows on one scale together."""
    read, unread = read_items(study)
    return rows.audit_rows(read, study.published.responded, name_table(study, "items"), unread)


def list_feasible(study: Study) -> pd.DataFrame:
    """The numbers of respondents that each published row of percentages can be based on, up to the number who responded.

    `item, printed, n`: one row for each number that fits, or one row without `n` if no number fits. Items that are printed
    more than once with different figures are left out.
    """
    kept, fits, *_ = rows.weigh_rows(read_items(study)[0], study.published.responded)
    found = [(row.name, rows.describe_row(row), n) for row in kept for n in fits[row.name] or [None]]
    return pd.DataFrame(found, columns=["item", "printed", "n"]).astype({"n": "Int64"})


def list_counts(study: Study) -> pd.DataFrame:
    """The counts that the published rows leave open; see `rows.list_counts`."""
    return rows.list_counts(read_items(study)[0], study.published.responded)


def audit_counts(study: Study) -> pd.DataFrame:
    """Verdicts on the panels of the published tables of counts; the totals in the text count respondents."""
    totals = {"respondents": study.published.totals, "participants": {}}
    found = [audit_panels(read_published(study, name), name_table(study, name), totals[name]) for name in COUNTS]
    return join_verdicts(*found)


# --- figures against the text -----------------------------------------------------------------------------------------
def audit_text(study: Study) -> pd.DataFrame:
    """Verdicts on the figures in the report's text."""
    return claims.audit_claims(read_published(study, "claims"), list_cells(study), study.published.totals)


def audit_relations(study: Study, percentages: pd.DataFrame) -> pd.DataFrame:
    """Verdicts on the relations between published figures that the study lists; see `claims.check_claims`.

    `percentages` are the verdicts of `audit_items`: a relation may name the number of respondents that fits.
    """
    values = claims.name_values(read_published(study, "claims"), list_cells(study), percentages)
    return claims.check_claims(read_published(study, "relations"), values, "the text").drop(columns="holds")


def list_cells(study: Study) -> list[Cell]:
    """Every figure of the published tables, by name."""
    counts = [list_count_cells(read_published(study, name), name_table(study, name)) for name in COUNTS]
    return sum(counts, list_percentages(study))


def list_percentages(study: Study) -> list[Cell]:
    """Every published percentage, named after the bands of its item's scale in the codebook."""
    return list_item_cells(read_items(study)[0], name_table(study, "items"))


# --- verdicts together ------------------------------------------------------------------------------------------------
def join_verdicts(*verdicts: pd.DataFrame) -> pd.DataFrame:
    """Join several frames of verdicts, in order."""
    return pd.concat(verdicts, ignore_index=True)


def list_questions(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Contradictions, then questions: what we should ask the authors."""
    return rank_verdicts(verdicts, SEVERITIES[:2])


def list_notes(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Notes that are worth knowing, then what we could not check."""
    return rank_verdicts(verdicts, SEVERITIES[2:4])


def rank_verdicts(verdicts: pd.DataFrame, severities: list[str]) -> pd.DataFrame:
    kept = verdicts[verdicts["severity"].isin(severities)]
    return kept.sort_values("severity", key=lambda names: names.map(severities.index), kind="stable", ignore_index=True)


# --- figures against rows ---------------------------------------------------------------------------------------------
def recompute_items(study: Study, bands: pd.DataFrame) -> pd.DataFrame:
    """Compare every published percentage with the one from this study's rows: `where` and the columns of `cells.compare_items`.

    `bands` come from `distributions.count_bands`. There are no rows if the study has no published items or nobody answered.
    """
    found = compare_items(list_percentages(study) if bands["denominator"].sum() else [], bands)
    found.insert(0, "where", name_table(study, "items"))
    return found


def recompute_counts(study: Study, name: str, people: pd.DataFrame) -> pd.DataFrame:
    """Compare published counts of "respondents" or "participants" (`name`) with this study's `people` (each row is one person).

    Returns
    -------
    DataFrame
        `where, panel, category, printed, n, agrees`; a panel is matched by the label of a grouping or attribute. `n` is
        missing if the study has no such grouping or level. There are no rows if nothing is printed or `people` is empty.
    """
    printed, found = read_published(study, name), []
    part, columns = COUNTS[name]
    known = getattr(getattr(study.definition, part), columns, {})
    by_label = {group.label: key for key, group in known.items()}
    for entry in printed.itertuples(index=False) if len(people) else []:
        key, figure = by_label.get(entry.panel), figures.parse_figure(entry[-1], "count")
        n = int((people[key] == entry.category).sum()) if key and entry.category in known[key].levels else None
        agrees = None if n is None or figure.value is None else figure.value == n
        found.append((name_table(study, name), entry.panel, entry.category, entry[-1], n, agrees))
    frame = pd.DataFrame(found, columns=["where", "panel", "category", "printed", "n", "agrees"])
    return frame.astype({"n": "Int64", "agrees": "boolean"})


# --- claims of a report being written ---------------------------------------------------------------------------------
def list_values(
    respondents: pd.DataFrame,
    bands: pd.DataFrame,
    described: pd.DataFrame,
    participants: pd.DataFrame,
    themes: pd.DataFrame,
    codes: pd.DataFrame,
) -> dict[str, str]:
    """This study's values by name, for the claims of a report being written.

    Parameters
    ----------
    bands, described : DataFrame
        From `distributions.count_bands` and `scoring.describe_scores`.
    themes, codes : DataFrame
        From `themes.count_themes`, by theme and by code.

    Returns
    -------
    dict
        "responses", "B2: n", "B2: Agree: count", "B2: Agree: percent" (of all who answered, two decimals), "coherence: median",
        "coherence: mean", "participants", "theme NAME: participants", "code NAME: participants", if they exist.
    """
    values = {}
    if len(respondents):
        values["responses"] = str(len(respondents))
        for row in bands.itertuples():
            values[f"{row.item}: n"] = str(row.denominator)
            values[f"{row.item}: {row.band}: count"] = str(row.numerator)
            if row.denominator:
                values[f"{row.item}: {row.band}: percent"] = f"{row.share:.2f}"
    for row in described.dropna(subset="median").itertuples():
        values |= {f"{row.construct}: median": f"{row.median:.2f}", f"{row.construct}: mean": f"{row.mean:.2f}"}
    if len(participants):
        values["participants"] = str(len(participants))
        for by, counts in (("theme", themes), ("code", codes)):
            people = zip(counts[by], counts["numerator"], strict=True)
            values |= {f"{by} {name}: participants": str(count) for name, count in people}
    return values


def check_live_claims(study: Study, values: Mapping[str, str], strict: bool = False) -> pd.DataFrame:
    """Compare the claims of a report being written with this study's values: verdicts and `holds`.

    With `strict`, raises a `WorkbookError` if a claim does not hold.
    """
    file = study.published.live_claims or ""
    found = claims.check_claims(read_published(study, "live_claims"), values, file)
    failing = found[~found["holds"]]
    if strict and len(failing):
        raise WorkbookError(
            study.folder / file, "claim " + ", claim ".join(failing["id"]), " ".join(failing["finding"]),
            "claims that hold in this run", "correct the claim, or run without `strict_claims`",
        )  # fmt: skip
    return found
