"""How often the whole page claims something of surveys in which nothing differs.

Run with `python tests/benchmarks/bench_page.py [PART]` from the project's folder; the whole takes ten minutes.

The questionnaire and the groups are those of the first study (48 people, ten sectors of 1 to 12, six lengths of
employment); the answers are made up. Every item has the same shares; a person's answers correlate, more within a construct
than between constructs; one answer in ten is not relevant and one in twenty is left out, equally everywhere; the general
items are unrelated to the others.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats
from section import open_section, print_table, read_argument

from helpers import joint
from helpers.study import reading, terms
from helpers.survey import cleaning, comparisons, distributions, pairs, relations, scoring
from helpers.survey.reliability import correlate_items

SEED = 20261126
SHARES = np.array([0.03, 0.07, 0.20, 0.45, 0.25])
PERMUTATIONS = 2_000


def draw_answers(random: np.random.Generator, study, respondents: pd.DataFrame) -> pd.DataFrame:
    """Responses of these people: equal shares for every item, a trait for each construct (.5 between constructs)."""
    codebook, n = study.codebook, len(respondents)
    person = random.standard_normal(n)
    traits = {
        name: np.sqrt(0.5) * person + np.sqrt(0.5) * random.standard_normal(n) if name in study.scored_constructs
        else random.standard_normal(n) for name in codebook["construct"].unique()
    }  # fmt: skip
    parts = []
    for row in codebook.itertuples():
        points = study.scale_of(row.item).responses
        shares = SHARES if len(points) == 5 else np.full(len(points), 1 / len(points))
        latent = 0.6 * traits[row.construct] + 0.8 * random.standard_normal(n)
        place = np.searchsorted(stats.norm.ppf(shares.cumsum()[:-1]), latent)
        place = len(points) - 1 - place if row.reversed else place
        offers = bool(study.scale_of(row.item).not_relevant)
        chances = [0.85, 0.034, 0.033, 0.033, 0.05] if offers else [0.95, 0, 0, 0, 0.05]
        status = random.choice(terms.STATUSES, n, p=chances)
        answered = status == terms.ANSWERED
        values = np.array([point.value for point in points], float)[place]
        labels = np.array([point.label for point in points], object)[place]
        parts.append(pd.DataFrame({
            "respondent": respondents["respondent"], "item": row.item, "response": np.where(answered, labels, None),
            "value": np.where(answered, values, np.nan), "status": status,
        }))  # fmt: skip
    responses = pd.concat(parts, ignore_index=True)
    labels = dict.fromkeys(label for scale in study.used_scales.values() for label in scale.labels)
    responses["response"] = pd.Categorical(responses["response"], categories=list(labels), ordered=True)
    return responses.assign(status=pd.Categorical(responses["status"], categories=terms.STATUSES))


def list_claims(study, respondents: pd.DataFrame, responses: pd.DataFrame, seed: int) -> dict[str, bool]:
    """Whether the page would claim something, by question."""
    codebook, scales = study.codebook, study.scales
    bands = distributions.count_bands(responses, codebook, scales)
    scores = scoring.score_constructs(responses, study.scored_items, scales)
    by_group = comparisons.join_every_grouping(study, scores, respondents)
    compared = comparisons.compare_every_grouping(study, scores, respondents, 3, PERMUTATIONS, seed)
    differences = pairs.compare_pairs(study, by_group, compared, 0.5)
    related = relations.relate_items(responses, scores, study)
    return {
        "an item stands out": bool(joint.measure_favour(bands, study)["stands_out"].ne("").any()),
        "an item is not relevant to more people": bool(
            distributions.measure_not_relevant(bands, study)["stands_out"].ne("").any()
        ),
        "groups differ": bool(compared["p_holm"].lt(0.05).any()),
        "a pair of groups differs": len(pairs.keep_differing(differences)) > 0,
        "a general item goes with a construct": bool(related["p_holm"].lt(0.05).any()),
        "an item hardly correlates with its construct": bool(
            correlate_items(responses, study.scored_items, scales)["warning"].any()
        ),
    }


def list_changes(study, respondents: pd.DataFrame, responses: pd.DataFrame, seed: int) -> dict[str, bool]:
    scores = scoring.score_constructs(responses, study.scored_items, study.scales)
    changes = comparisons.compare_every_wave(study, scores, respondents, PERMUTATIONS, seed)
    items = comparisons.compare_every_item(study, responses, respondents, changes, PERMUTATIONS, seed)
    return {
        "scores changed": bool(changes["p_holm"].lt(0.05).any()),
        "an item changed": bool(items["p_holm"].lt(0.05).any()),
    }


def simulate_one_wave(study, respondents: pd.DataFrame, surveys: int) -> list[dict[str, bool]]:
    random = np.random.default_rng(SEED)
    return [list_claims(study, respondents, draw_answers(random, study, respondents), seed) for seed in range(surveys)]


def simulate_two_waves(study, respondents: pd.DataFrame, surveys: int) -> list[dict[str, bool]]:
    """The same groups twice; half of the people are found in both waves, with answers no more alike than anybody's."""
    random = np.random.default_rng(SEED)
    waves = ["2024", "2025"]
    survey = study.survey.model_copy(update={"files": dict.fromkeys(waves, "")})
    kept = "codebook scales used_scales scored_items scored_constructs items score_limits scale_of construct_name constructs"
    kept += " item_names"
    both = SimpleNamespace(**{name: getattr(study, name) for name in kept.split()}, survey=survey)
    # Questions are counted from the definition, which must know both waves.
    both.definition = study.definition.model_copy(update={"survey": survey})
    keys = [f"L{number:03}" for number in range(len(respondents))]
    parts = []
    for wave in waves:
        here = respondents.assign(wave=wave, respondent=respondents["respondent"] + wave)
        parts.append(here.assign(link=[key if number % 2 else None for number, key in enumerate(keys)]))
    people = pd.concat(parts, ignore_index=True)
    people["wave"] = pd.Categorical(people["wave"], categories=waves, ordered=True)
    found = []
    for seed in range(surveys):
        responses = draw_answers(random, study, people)
        latest = people[people["wave"] == "2025"]
        shown = list_claims(both, latest, responses[responses["respondent"].isin(latest["respondent"])], seed)
        found.append(shown | list_changes(both, people, responses, seed))
    return found


def describe_share(claims: pd.Series) -> str:
    return f"{100 * claims.mean():.1f}%" if claims.notna().any() else "–"


if __name__ == "__main__":
    surveys = max(4, round(500 * read_argument(1)))
    first = reading.read_study("lvrn_2024")
    people = cleaning.clean_survey(first).respondents
    tables = {
        f"{kind}, {count} surveys": pd.DataFrame(simulate(first, people, count))
        for kind, simulate, count in (
            ("one wave", simulate_one_wave, surveys),
            ("two waves", simulate_two_waves, surveys // 2),
        )
    }
    open_section(
        "What the whole page claims of nothing",
        "The questionnaire and the groups of the first study, and made-up answers in which nothing differs: items of a "
        "construct correlate, one answer in ten is not relevant and one in twenty is left out. The table shows in how many "
        "surveys the page would claim something. By design this is at most 5%; the standard errors at 5% are "
        + " and ".join(f"{100 * np.sqrt(0.05 * 0.95 / len(table)):.1f}" for table in tables.values())
        + " points.",
    )
    columns = {title: table.assign(**{"**anything at all**": table.any(axis=1)}) for title, table in tables.items()}
    claims = [*columns[[*columns][1]]]
    print_table(
        ("claim", *columns),
        ((claim, *(describe_share(table.get(claim, pd.Series([None]))) for table in columns.values())) for claim in claims),
    )
