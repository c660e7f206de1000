"""A stand-in for respondents' rows that are not public: an export rebuilt from a study's published margins.

What is published (counts per band, sectors, lengths of employment) is kept. Everything else (the point within a band,
the kind of not relevant, and every relation between answers) is simulated, and must be called so wherever it is shown.
Run as `python data/lvrn_2024/reconstruct.py STUDY --into FOLDER`; the result is committed with the study.
"""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import NormalDist

import click
import numpy as np
import pandas as pd
import yaml

from helpers.study import reading, sheets
from helpers.study.definition import Scale, Study

TECHNICAL_COLUMNS = {  # field name → Qualtrics' own identifier of the column
    "StartDate": "startDate",
    "EndDate": "endDate",
    "Status": "status",
    "IPAddress": "ipAddress",
    "Progress": "progress",
    "Duration (in seconds)": "duration",
    "Finished": "finished",
    "RecordedDate": "recordedDate",
    "ResponseId": "_recordId",
    "RecipientLastName": "recipientLastName",
    "RecipientFirstName": "recipientFirstName",
    "RecipientEmail": "recipientEmail",
    "ExternalReference": "externalDataReference",
    "LocationLatitude": "locationLatitude",
    "LocationLongitude": "locationLongitude",
    "DistributionChannel": "distributionChannel",
    "UserLanguage": "userLanguage",
}
# Networks set aside for documentation (RFC 5737), so that no address can be anybody's.
DOCUMENTATION_NETWORKS = ["192.0.2", "198.51.100", "203.0.113"]
# Within 6 to 10 and within 0 to 5 nothing is published: assumed weights, highest score first.
WITHIN_HIGH_BAND = [0.2, 0.2, 0.28, 0.2, 0.12]
WITHIN_LOW_BAND = [0.4, 0.2, 0.16, 0.12, 0.07, 0.05]
NOT_RELEVANT_KINDS = ["role", "role", "stage", "intervention"]
LOADINGS = np.linspace(0.02, 0.98, 97)


@dataclass(frozen=True)
class Plan:
    """What `reconstruction.yml` says: see the comments there."""

    seed: int
    responses: int
    answered: dict[str, int]
    target_alpha: dict[str, float]
    between_constructs: float
    strong_share: float

    def answers_to(self, item: str, section: str) -> int:
        return self.answered.get(item, self.answered[section])


def counts_for(printed: list[float], n: int) -> tuple[list[int], bool]:
    """Whole counts that sum to `n` and whose percentages come nearest to the printed ones.

    Parameters
    ----------
    printed : list of float
        Percentages, one per category.
    n : int
        Respondents who answered.

    Returns
    -------
    counts : list of int
    fits : bool
        Whether each count rounds to its printed percentage, halves either way.
    """
    around = [range(max(0, int(p * n / 100) - 1), int(p * n / 100) + 3) for p in printed]

    def distance(counts: tuple[int, ...]) -> float:
        return sum(abs(100 * count / n - p) for count, p in zip(counts, printed, strict=True))

    candidates = [counts for counts in itertools.product(*around) if sum(counts) == n]
    best = min(candidates, key=distance)
    fits = all(abs(100 * count / n - p) <= 0.5 + 1e-9 for count, p in zip(best, printed, strict=True))
    return list(best), fits


def reconstruct_counts(study: Study, plan: Plan) -> pd.DataFrame:
    """Counts per item and band from the published percentages.

    Returns
    -------
    DataFrame
        Columns `item, n, low, neutral, high, not_relevant` (counts) and `fits` (yes, or nearest where no whole numbers
        give the printed figures).
    """
    published = sheets.read_table(study.file(study.published.items), ["item", "section"])
    rows = []
    for row in published.to_dict("records"):
        n = plan.answers_to(row["item"], row["section"])
        names = ["low_or_disagree", "neutral", "high_or_agree", "not_relevant"]
        printed = [float(row[name] or 0) for name in names]
        counts, fits = counts_for(printed, n)
        rows.append([row["item"], n, *counts, "yes" if fits else "nearest"])
    return pd.DataFrame(rows, columns=["item", "n", "low", "neutral", "high", "not_relevant", "fits"])


def spread(total: int, weights: list[float]) -> list[int]:
    """Share out a count by weights: whole numbers by largest remainder."""
    shares = [total * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda k: counts[k] - shares[k])
    for k in by_remainder[: total - sum(counts)]:
        counts[k] += 1
    return counts


def counts_per_point(bands: pd.Series, scale: Scale, strong_share: float) -> list[int]:
    """Counts for each point of a scale, highest score first; the split within a band is assumed."""
    if len(scale.bands) == 2:
        return spread(bands["high"], WITHIN_HIGH_BAND) + spread(bands["low"], WITHIN_LOW_BAND)
    strong = [strong_share, 1 - strong_share]
    return [*spread(bands["high"], strong), bands["neutral"], *spread(bands["low"], strong[::-1])]


def simulate_items(study: Study, plan: Plan, counts: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    """Labels of the scale, `""` where nothing was answered; each column is an item, and each row a respondent.

    Respondents are ranked on a latent score (construct and noise, constructs correlated through one general factor) and
    take the item's counts from the top down, so that margins are exact; the weight of the construct is the one whose
    alpha lies nearest to the target.
    """
    normal = NormalDist()

    def draws(size: int) -> np.ndarray:
        return np.array([normal.inv_cdf(draw.uniform(1e-9, 1 - 1e-9)) for _ in range(size)])

    size = plan.responses
    general = draws(size)
    answers = pd.DataFrame("", index=range(size), columns=list(counts["item"]))
    counts = counts.set_index("item")
    for construct, items in study.codebook.groupby("construct", sort=False):
        share = plan.between_constructs
        latent = general if construct == "general" else share**0.5 * general + (1 - share) ** 0.5 * draws(size)
        noise = {item: draws(size) for item in items["item"]}
        skipped = {item: skip_not_relevant(counts.loc[item], draw) for item in items["item"]}

        def answer(loading: float, items=items, latent=latent, noise=noise, skipped=skipped) -> pd.DataFrame:
            columns = {}
            for row in items.itertuples():
                score = loading * latent + (1 - loading**2) ** 0.5 * noise[row.item]
                scale = study.scales[row.scale]
                points = counts_per_point(counts.loc[row.item], scale, plan.strong_share)
                columns[row.item] = take_from_the_top(-score if row.reversed else score, points, skipped[row.item])
            return pd.DataFrame(columns)

        target = plan.target_alpha.get(construct)
        loading = 0.8 if target is None else min(LOADINGS, key=lambda x: abs(alpha_of(answer(x), items) - target))
        ranks = answer(loading)
        for row in items.itertuples():
            scale = study.scales[row.scale]
            labels = [""] * size
            for respondent, rank in ranks[row.item].dropna().items():
                labels[respondent] = scale.labels[::-1][int(rank)]
            for respondent, kind in skipped[row.item].items():
                option = [option.label for option in scale.not_relevant if option.kind == kind]
                labels[respondent] = option[0] if option else ""
            answers[row.item] = labels
    return answers


def skip_not_relevant(counts: pd.Series, draw: random.Random) -> dict[int, str | None]:
    """Which of the first `n` respondents found the item not relevant, by kind; those past `n` did not answer."""
    chosen = draw.sample(range(counts["n"]), counts["not_relevant"])
    return {respondent: draw.choice(NOT_RELEVANT_KINDS) for respondent in sorted(chosen)}


def take_from_the_top(score: np.ndarray, points: list[int], skipped: dict[int, str | None]) -> pd.Series:
    """Ranks on the scale (0 = its highest point) given to respondents in order of their latent score."""
    n = sum(points) + len(skipped)
    ranked = sorted((r for r in range(n) if r not in skipped), key=lambda r: -score[r])
    ranks = np.repeat(range(len(points)), points)
    return pd.Series(dict(zip(ranked, ranks, strict=True)), dtype=float).reindex(range(len(score)))


def alpha_of(ranks: pd.DataFrame, items: pd.DataFrame) -> float:
    """Cronbach's alpha over complete rows; a reversed item is turned first. Ranks serve as scores."""
    complete = ranks.dropna()
    for row in items[items["reversed"]].itertuples():
        complete = complete.assign(**{row.item: -complete[row.item]})
    k = complete.shape[1]
    return k / (k - 1) * (1 - complete.var(ddof=1).sum() / complete.sum(axis=1).var(ddof=1))


def simulate_groupings(study: Study, plan: Plan, draw: random.Random) -> pd.DataFrame:
    """One column a grouping: the published counts, shared out at random over those who answered anything."""
    published = sheets.read_table(study.file(study.published.respondents), ["panel", "category", "respondents"])
    answered = max(plan.answered.values())
    columns = {}
    for name, grouping in study.survey.groupings.items():
        panel = published[published["panel"] == grouping.label]
        values = [row.category for row in panel.itertuples() for _ in range(int(row.respondents))]
        values += [""] * (answered - len(values))
        draw.shuffle(values)
        columns[name] = values + [""] * (plan.responses - answered)
    return pd.DataFrame(columns)


def technical_columns(answers: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    """The columns that Qualtrics adds, with made-up identifiers that can be nobody's."""
    share = answers.ne("").mean(axis=1)
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"
    rows = []
    for number in range(len(answers)):
        start = datetime(2024, 3, 4, 9) + timedelta(minutes=draw.randrange(21 * 24 * 60))
        seconds = 20 + int(share[number] * draw.randrange(280, 900))
        end = start + timedelta(seconds=seconds)
        rows.append({
            "StartDate": f"{start:%Y-%m-%d %H:%M:%S}",
            "EndDate": f"{end:%Y-%m-%d %H:%M:%S}",
            "Status": "IP Address",
            "IPAddress": f"{draw.choice(DOCUMENTATION_NETWORKS)}.{draw.randrange(1, 255)}",
            "Progress": str(round(100 * share[number]) if share[number] < 0.9 else 100),
            "Duration (in seconds)": str(seconds),
            "Finished": "True" if share[number] >= 0.9 else "False",
            "RecordedDate": f"{end + timedelta(seconds=1):%Y-%m-%d %H:%M:%S}",
            "ResponseId": "R_" + "".join(draw.choice(alphabet) for _ in range(15)),
            "RecipientLastName": "",
            "RecipientFirstName": "",
            "RecipientEmail": f"respondent{number + 1:02d}@example.org",
            "ExternalReference": "",
            "LocationLatitude": "0.0",
            "LocationLongitude": "0.0",
            "DistributionChannel": "email",
            "UserLanguage": "EN-GB",
        })  # fmt: skip
    return pd.DataFrame(rows)


def export_layout(study: Study, technical: pd.DataFrame, content: pd.DataFrame) -> pd.DataFrame:
    """Qualtrics' CSV layout: field names, then question texts, then import identifiers, then a row for each response."""
    texts = {grouping.column: grouping.label for grouping in study.survey.groupings.values()}
    texts |= dict(zip(study.codebook["column"], study.codebook["label"], strict=True))
    questions = {name: json.dumps({"ImportId": f"QID{k}"}) for k, name in enumerate(content.columns, start=1)}
    names = [*technical.columns, *content.columns]
    headers = pd.DataFrame(
        [
            [texts.get(name, name) for name in names],
            [questions.get(name) or json.dumps({"ImportId": TECHNICAL_COLUMNS[name]}) for name in names],
        ],
        columns=names,
    )
    return pd.concat([headers, pd.concat([technical, content], axis=1)], ignore_index=True)


def reconstruct_export(study: Study, plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rebuild a survey export from published margins.

    Parameters
    ----------
    study : Study
        With `published.items` and `published.respondents`.
    plan : Plan

    Returns
    -------
    export : DataFrame
        Qualtrics' layout without its first header row (the column names): two header rows, one preview row that cleaning
        must drop, then a row for each response.
    counts : DataFrame
        See `reconstruct_counts`.
    """
    draw = random.Random(plan.seed)  # its stream is the same on every Python version and machine
    counts = reconstruct_counts(study, plan)
    answers = simulate_items(study, plan, counts, draw)
    content = simulate_groupings(study, plan, draw).join(answers)
    order = draw.sample(range(plan.responses), plan.responses)
    content = content.loc[order].reset_index(drop=True)
    technical = technical_columns(content[answers.columns], draw)

    preview = pd.DataFrame({name: [content[name][content[name] != ""].iloc[0]] for name in content})
    preview_technical = technical_columns(preview, draw).assign(
        Status="Survey Preview", DistributionChannel="preview", RecipientEmail="preview@example.org"
    )
    technical = pd.concat([preview_technical, technical], ignore_index=True)
    content = pd.concat([preview, content], ignore_index=True)
    return export_layout(study, technical, content), counts


def reconstruct_participants(study: Study, plan: Plan) -> pd.DataFrame:
    """Participants as the quotations are attributed, with each attribute's published totals shared out at random.

    Returns
    -------
    DataFrame
        Columns `participant` and one per attribute. The first attribute follows from the participant's name; the others
        are assigned.
    """
    draw = random.Random(plan.seed + 1)
    published = sheets.read_table(study.file(study.published.participants), ["panel", "category", "participants"])
    first, *others = study.interviews.attributes.items()
    segments = sheets.read_table(study.file(study.interviews.segments), ["participant"])
    names = sorted(segments["participant"].unique())
    field = {
        name: next(level for level in first[1].levels if name.casefold().startswith(level.casefold()[:10])) for name in names
    }
    participants = pd.DataFrame({"participant": names, first[0]: [field[name] for name in names]})
    for name, attribute in others:
        totals = dict(zip(published["category"], published["participants"].astype(int), strict=True))
        values = [level for level in attribute.levels for _ in range(totals.get(level, 0))]
        values += [attribute.levels[-1]] * (len(names) - len(values))
        draw.shuffle(values)
        participants[name] = values
    return participants


@click.command()
@click.argument("study")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to write.")
def main(study: str, into: Path) -> None:
    """Rebuild the survey export of STUDY from its published margins."""
    definition = reading.read_study(study)
    plan = Plan(**yaml.safe_load((definition.folder / "survey" / "reconstruction.yml").read_text(encoding="utf-8")))
    export, counts = reconstruct_export(definition, plan)
    into.mkdir(parents=True, exist_ok=True)
    export.to_csv(into / "reconstructed_export.csv", index=False, lineterminator="\n", encoding="utf-8")
    counts.to_csv(into / "reconstructed_counts.csv", index=False, lineterminator="\n")
    reconstruct_participants(definition, plan).to_csv(into / "participants.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
