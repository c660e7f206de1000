"""What the interviews of a study hold, a question a frame: who took part, who spoke of what, what the checks found."""

from __future__ import annotations

import pandas as pd

from helpers.interviews import agreement, quotations, themes
from helpers.interviews.themes import ALL_PARTICIPANTS, NOT_STATED
from helpers.interviews.transcripts import read_transcripts
from helpers.study.definition import Attribute, Study
from helpers.study.errors import WorkbookError

UNITS = {"together": ["segment", "participant", "source"], "agreement_unit": ["turn", "segment", "source"]}


# --- who took part ----------------------------------------------------------------------------------------------------


def count_participants(participants: pd.DataFrame, study: Study, not_stated: bool = True) -> pd.DataFrame:
    """Participants at each level of every attribute, levels without anybody included, and in all.

    Parameters
    ----------
    not_stated : bool
        Whether those without a level are counted, as "Not stated".

    Returns
    -------
    DataFrame
        `grouping, group, n`: the attribute's label and its level; the last row, without a grouping, counts everybody.
    """
    rows = []
    for name, attribute in study.interviews.attributes.items():
        counts = participants[name].value_counts(sort=False)
        rows += [(attribute.label, group, n) for group, n in counts.items()]
        missing = participants[name].isna().sum()
        if missing and not_stated:
            rows.append((attribute.label, NOT_STATED, missing))
    rows.append(("", ALL_PARTICIPANTS, len(participants)))
    return pd.DataFrame(rows, columns=["grouping", "group", "n"]).astype({"n": int})


def list_observed(study: Study) -> dict[str, Attribute]:
    """The attributes of participants that were observed, and not shared out from published totals."""
    return {name: attribute for name, attribute in study.interviews.attributes.items() if not attribute.simulated}


def choose_fields(study: Study) -> list[str]:
    """The attribute that a text is attributed by: the first; none where a study has none."""
    return list(study.interviews.attributes)[:1]


# --- who spoke of what ------------------------------------------------------------------------------------------------


def name_codes(frame: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """The same frame with the codebook's labels beside its codes: `label` after `code`, `first_label` after `first` …"""
    labels = codes.set_index("code")["label"]
    named = frame.copy()
    for name, label in {"code": "label", "first": "first_label", "second": "second_label"}.items():
        if name in named:
            named.insert(named.columns.get_loc(name) + 1, label, named[name].map(labels).fillna(named[name]))
    return named


def count_codes(segments: pd.DataFrame, participants: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Participants and segments by code, most participants first.

    Returns
    -------
    DataFrame
        `code, label, construct, numerator, denominator, segments`; no `construct` where no code has one.
    """
    counts = themes.count_themes(segments, participants, by="code")
    counts = name_codes(counts, codes).sort_values(["numerator", "segments"], ascending=False, kind="stable", ignore_index=True)
    if codes["construct"].notna().any():
        counts.insert(2, "construct", counts["code"].map(codes.set_index("code")["construct"]))
    return counts


def cross_every_attribute(segments: pd.DataFrame, participants: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Themes by every observed attribute: participants of a group with a segment in the theme, of all in the group.

    Returns
    -------
    DataFrame
        `theme, grouping, group, numerator, denominator`; levels are merged as the study says, and for each theme the group
        "All participants" is the last. `grouping` is categorical with all observed attributes, also those of which nothing is
        known.
    """
    observed, parts = list_observed(study), []
    for name, attribute in observed.items():
        if len(participants[name].cat.categories):
            crossed = themes.cross_themes(segments, participants, name, groups=attribute.groups)
            parts.append(crossed.rename(columns={name: "group"}).astype({"group": str}).assign(grouping=attribute.label))
    columns = ["theme", "grouping", "group", "numerator", "denominator"]
    table = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    labels = list(dict.fromkeys(attribute.label for attribute in observed.values()))
    return table.assign(grouping=pd.Categorical(table["grouping"], categories=labels))


def band_crossings(crossings: pd.DataFrame, banded: bool) -> pd.DataFrame:
    """The crossings as they are, or with `band` in place of counts, for cells too small to print."""
    if not banded:
        return crossings
    bands = themes.band_counts(crossings["numerator"]).astype(object).where(crossings["numerator"].notna())
    return crossings.drop(columns=["numerator", "denominator"]).assign(band=bands)


def count_segments(segments: pd.DataFrame, participants: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Segments of every participant under every code in use, zeros included: `code, label, participant, segments`.

    The codes of most participants come first; participants stand in the order of their file.
    """
    counts = themes.cross_codes(segments, participants).rename_axis(index="participant", columns="code")
    order = counts.gt(0).sum().sort_values(ascending=False, kind="stable").index
    return name_codes(counts[order].unstack().rename("segments").reset_index(), codes)


def pair_codes(segments: pd.DataFrame, codes: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Pairs of codes that stand together in one unit, most frequent first: `themes.count_cooccurrence` with labels."""
    check_unit("together", unit)
    return name_codes(themes.count_cooccurrence(segments, by="code", unit=unit), codes)


# --- inductive coding -------------------------------------------------------------------------------------------------


def count_new_codes(segments: pd.DataFrame, participants: pd.DataFrame, inductive: bool) -> pd.DataFrame:
    """Codes that each participant adds (see `themes.count_new_codes`); empty where codes were chosen beforehand."""
    return themes.count_new_codes(segments, participants).iloc[: None if inductive else 0]


def trace_saturation(
    segments: pd.DataFrame, participants: pd.DataFrame, inductive: bool, orders: int, seed: int
) -> pd.DataFrame:
    """Codes found over random orders (see `themes.permute_saturation`); empty where codes were chosen beforehand."""
    found = themes.permute_saturation(segments, participants, orders=orders if inductive else 1, seed=seed)
    return found.iloc[: None if inductive else 0]


# --- checks -----------------------------------------------------------------------------------------------------------


def read_spoken(study: Study) -> pd.DataFrame:
    """The transcripts, a turn a row (see `transcripts.read_transcripts`); empty where the study has none."""
    if study.interviews.transcripts is None:
        return pd.DataFrame(columns=["source", "turn", "participant", "text"])
    return read_transcripts(study)


def keep_turns(transcripts: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """The turns of those who take part; of a source in which no speaker is one, since a group's are not told apart, all."""
    own = transcripts["participant"].isin(participants["participant"])
    return transcripts[own | ~own.groupby(transcripts["source"]).transform("any")]


def measure_coverage(segments: pd.DataFrame, participants: pd.DataFrame, transcripts: pd.DataFrame) -> pd.DataFrame:
    """What the coding covers of each participant (see `themes.measure_coverage`); of words only where there are transcripts."""
    found = themes.measure_coverage(segments, participants, transcripts)
    return found if len(transcripts) else found.drop(columns=["words_coded", "words_spoken", "note"])


def check_quotations(segments: pd.DataFrame, transcripts: pd.DataFrame) -> pd.DataFrame:
    """Every quotation against its participant's words (see `quotations.check_quotations`); empty without transcripts.

    How a quotation differs stands in `discrepancy`.
    """
    found = quotations.check_quotations(segments if len(transcripts) else segments[:0], transcripts)
    return found.rename(columns={"difference": "discrepancy"})


def is_verbatim(checks: pd.DataFrame) -> pd.Series:
    return checks["verdict"].isin([quotations.VERBATIM, quotations.IN_PIECES])


def list_misquoted(checks: pd.DataFrame) -> pd.DataFrame:
    """Quotations that are not verbatim, or that change a negation or number: those that change one first."""
    wrong = checks[~is_verbatim(checks) | checks["negation_changed"] | checks["number_changed"]]
    return wrong.sort_values(["negation_changed", "number_changed"], ascending=False, kind="stable", ignore_index=True)


def compare_coders(
    segments: pd.DataFrame, codes: pd.DataFrame, turns: pd.DataFrame, unit: str, seed: int, asked: bool
) -> pd.DataFrame:
    """How far coders agree on each code (see `agreement.measure_agreement`); empty unless it is asked for.

    Without transcripts there are no turns, and segments are compared. Krippendorff's alpha stands in `alpha_nominal`.
    """
    check_unit("agreement_unit", unit)
    unit = "segment" if unit == "turn" and turns.empty else unit
    found = agreement.measure_agreement(segments if asked else segments[:0], unit=unit, turns=turns, seed=seed)
    return name_codes(found.rename(columns={"alpha": "alpha_nominal"}), codes)


def check_unit(parameter: str, unit: str) -> None:
    if unit not in UNITS[parameter]:
        raise WorkbookError(
            "parameters", parameter, repr(unit), "one of " + ", ".join(UNITS[parameter]), f"correct the parameter `{parameter}`"
        )
