"""Earlier studies with NoMAD: what they published, and which of their results can be compared with this study's.

Each row of `earlier_studies.csv` is one construct of one study, with the numbers as printed. A study can add rows in its own
file (`survey.earlier` in `study.yml`). None of these results is a norm.
"""

from pathlib import Path

import pandas as pd

from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.sheets import read_table
from helpers.survey.reliability import ALL_ITEMS
from helpers.survey.scoring import find_ends

# The construct of a row whose alphas are a range over constructs, because the paper does not give one for each.
ANY_CONSTRUCT = "any construct"
# The number of items in each NoMAD construct and in all (Finch et al. 2018), used for rows that do not give a number.
NOMAD_ITEMS = {
    "coherence": 4, "cognitive_participation": 4, "collective_action": 7, "reflexive_monitoring": 5, ALL_ITEMS: 20,
}  # fmt: skip
# The direction of a scale whose highest point means strong agreement.
AGREE_HIGH = "agree high"
TEXTS = ["study", "source", "country", "practice", "construct", "direction", "note"]
FIT = ["cfi", "tli", "rmsea", "srmr"]
FIGURES = ["n", "items", "scale_lowest", "scale_highest", "mean", "sd", "alpha_lowest", "alpha_highest", *FIT]
THIS_STUDY = "This study"


def read_earlier(study: Study) -> pd.DataFrame:
    """Columns `TEXTS` and `FIGURES`; each row is one construct of an earlier study. The study's own rows come last.

    `alpha_lowest` and `alpha_highest` are equal unless the paper gives a range. Raises a `WorkbookError` for a value that is
    not a number or is out of bounds, an unknown construct or direction, or a row given twice.
    """
    own = study.survey.earlier
    paths = [Path(__file__).with_name("earlier_studies.csv"), *([study.file(own)] if own else [])]
    return pd.concat([_read_studies(path, study) for path in paths], ignore_index=True)


def _read_studies(path: Path, study: Study) -> pd.DataFrame:
    texts = read_table(path, [*TEXTS, *FIGURES])
    rows = texts[TEXTS].join(texts[FIGURES].apply(pd.to_numeric, errors="coerce").astype(float))
    rows["alpha_highest"] = rows["alpha_highest"].fillna(rows["alpha_lowest"])
    known = list(dict.fromkeys([*NOMAD_ITEMS, ANY_CONSTRUCT, *study.scored_constructs]))
    low, high, bottom, top = (rows[name] for name in ("scale_lowest", "scale_highest", "alpha_lowest", "alpha_highest"))
    ranges = rows["construct"].eq(ANY_CONSTRUCT)
    checks = [
        ("study", rows["study"].ne(""), "the study's authors and year"),
        ("source", rows["source"].ne(""), "where the numbers are published, such as a DOI"),
        ("construct", rows["construct"].isin(known), "one of " + ", ".join(known)),
        ("direction", rows["direction"].isin([AGREE_HIGH, "agree low", ""]), "agree high, agree low, or empty if not known"),
        *((name, texts[name].eq("") | rows[name].notna(), "a number, or nothing") for name in FIGURES),
        *((name, rows[name].gt(0) & rows[name].mod(1).eq(0), "a whole number above 0") for name in ("n", "items")),
        ("scale_highest", high > low, "the highest point of the scale, with its lowest before it"),
        ("mean", rows["mean"].between(low, high), "a mean between the ends of the scale, which the row must give"),
        ("sd", rows["sd"].between(0, high - low), "a standard deviation that the scale allows"),
        ("alpha_lowest", bottom <= 1, "an alpha of at most 1"),
        ("alpha_highest", top.between(bottom, 1) & (top.eq(bottom) | ranges), "nothing, except in a range over constructs"),
        *((name, rows[name].between(0, 1 + (name == "tli")), "a measure of fit from 0 to 1") for name in FIT),
    ]
    for name, right, expected in checks:
        for place in rows.index[~right & (texts[name].ne("") | ~rows[name].isna())]:
            found, remedy = repr(texts.loc[place, name]), "correct the cell, or empty it"
            raise WorkbookError(path, f"{place}, column {name}", found, expected, remedy)
    for place in rows.index[rows.duplicated(["study", "construct"])]:
        raise WorkbookError(path, place, "a second row for this study and construct", "one row", "remove one of them")
    return rows


def choose_earlier(earlier: pd.DataFrame, reliability: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The results of earlier studies that can be compared with this study's constructs.

    Alpha rises with the number of items, so we keep it only for the same number of items (a range over constructs: if any
    construct here has the same number). We keep a mean only if scale and direction are the same as here. Other values are
    missing, and `note` says why. Columns are as in `read_earlier`.
    """
    construct, items = earlier["construct"], reliability.set_index("construct")["items"]
    alike = earlier["items"].fillna(construct.map(NOMAD_ITEMS)).eq(construct.map(items))
    alike |= construct.eq(ANY_CONSTRUCT) & items.drop(ALL_ITEMS, errors="ignore").eq(pd.Series(NOMAD_ITEMS)).any()
    ends = find_ends(study.scored_items, study.scales)
    here = [ends.get(row.construct) == (row.scale_lowest, row.scale_highest) for row in earlier.itertuples()]
    same = earlier["direction"].eq(AGREE_HIGH) & pd.Series(here, earlier.index)
    why = {
        "alpha left out: another number of items": earlier["alpha_lowest"].notna() & ~alike,
        "mean left out: its scale or direction is not known to be this study's": earlier["mean"].notna() & ~same,
    }
    note = earlier["note"]
    for words, here in why.items():
        note = note.where(~here, (note + "; " + words).str.removeprefix("; "))
    chosen = earlier.assign(
        note=note,
        **{name: earlier[name].where(alike) for name in ("alpha_lowest", "alpha_highest")},
        **{name: earlier[name].where(same) for name in ("mean", "sd")},
    )
    return chosen[construct.isin([*items.index, ANY_CONSTRUCT])].reset_index(drop=True)


def set_beside(
    chosen: pd.DataFrame, scores: pd.DataFrame, reliability: pd.DataFrame, factor_model: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """This study's constructs above those of earlier ones; its `n` counts people with a score, or with answers to all items."""
    found = scores.groupby("construct")["score"].agg(n="count", mean="mean", sd="std")
    own = reliability[["construct", "items", "n_complete", "alpha"]].join(found, on="construct")
    own = own.assign(
        study=THIS_STUDY, practice=study.definition.practice, n=own["n"].fillna(own["n_complete"]),
        alpha_lowest=own["alpha"], alpha_highest=own["alpha"],
        **{name: own["construct"].map({ALL_ITEMS: factor_model[name].item()}) for name in FIT},
    )  # fmt: skip
    columns = ["study", "country", "practice", "n", "construct", "items", "mean", "sd", "alpha_lowest", "alpha_highest", *FIT]
    table = pd.concat([own, chosen], ignore_index=True)[[*columns, "note", "source"]]
    return table.fillna(dict.fromkeys(["country", "note", "source"], ""))
