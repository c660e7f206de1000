"""Partial pooling of ordinal answers, against a published fit, against sums done another way, and at its edges."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

from helpers.study import reading
from helpers.survey import cleaning, pooled, scoring

pytestmark = pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")

# The bitterness of wine (Randall 1989, Biometrical Journal 31:781–793), each row is a judge, each column a bottle: two
# cold without contact, two cold with it, two warm without, two warm with it.
JUDGES = ["23344455", "12132354", "23325544", "32323253", "23433333", "32322454", "11222323", "22233334", "12323244"]
WINE = pd.DataFrame([[float(point) for point in row] for row in JUDGES])


def test_the_likelihood_is_that_of_a_published_fit():
    # R's ordinal, clmm2(rating ~ temp + contact, random = judge, nAGQ = 10), from the package's tutorial (Christensen 2015).
    thresholds, warm, contact = np.array([-1.623666, 1.513365, 4.228527, 6.088773]), 3.062993, 1.834885
    bottles = np.repeat([0, contact, warm, warm + contact], 2)
    chosen = (WINE.to_numpy()[:, :, None] == np.arange(1, 6)).reshape(9, -1).astype(float)
    logs = pooled.sum_logs(chosen, thresholds, bottles)
    assert pooled.sum_people(logs, 1.134783) == pytest.approx(-81.53325, abs=0.002)
    # They are the best: a step in any of them is worse.
    for step in (-0.05, 0.05):
        assert pooled.sum_people(logs, 1.134783 + step) < -81.53325 + 0.001
        assert pooled.sum_people(pooled.sum_logs(chosen, thresholds + step * np.arange(4), bottles), 1.134783) < -81.53


def test_what_is_expected_is_that_of_integrals_done_one_by_one():
    # Three groups of three items, two of one person: means and both spreads by adaptive quadrature over places.
    answers = pd.DataFrame([[3.0, 2, 3], [2, 2, 1], [1, 1, np.nan], [3, 3, 2]])
    fit = pooled.fit_answers(answers)
    found = pooled.expect_groups(fit, pd.Series(["a", "a", "b", "c"]))
    likelihoods = [lambda place, row=row: np.interp(place, pooled.GRID, row) for row in fit.likelihood]
    fine = np.linspace(-12, 12, 241)
    spreads, steps = fit.spread * pooled.PEOPLE_PARTS, pooled.GROUP_SPREADS
    total, mass = 0.0, np.zeros(3)
    for people in spreads:
        about = [integrate.simpson(stats.norm.pdf(fine, place, people) * np.array([one(fine) for one in likelihoods]), x=fine)
                 for place in fine]  # fmt: skip
        groups = np.array(about).T  # each row is one person
        groups = np.array([groups[0] * groups[1], groups[2], groups[3]])
        score = [integrate.simpson(stats.norm.pdf(fine, place, people) * np.interp(fine, pooled.GRID, fit.scores), x=fine)
                 for place in fine]  # fmt: skip
        prior = stats.norm.pdf(np.log(people / pooled.PEOPLE_SPREAD) / pooled.PEOPLE_WIDTH)
        for spread in steps:
            density = stats.norm.pdf(fine[:, None], fine, spread) if spread else None
            each = integrate.simpson(groups[:, None] * density, x=fine) if spread else groups
            weighted = integrate.simpson(groups[:, None] * density * score, x=fine) if spread else groups * score
            weight = prior * stats.norm.pdf(spread / pooled.GROUP_WIDTH)
            # The average of all lies inside the places that are tried.
            inside = (fine >= -9) & (fine <= 9)
            total += weight * integrate.simpson(each.prod(axis=0)[inside], x=fine[inside])
            mass += weight * integrate.simpson((each.prod(axis=0) * weighted / each)[:, inside], x=fine[inside])
    assert found["expected"].to_numpy() == pytest.approx(mass / total, abs=0.005)


def test_thresholds_and_items_are_the_best_that_another_search_finds():
    fit = pooled.fit_answers(WINE)
    chosen = (WINE.to_numpy()[:, :, None] == np.arange(1, 6)).reshape(9, -1).astype(float)

    def lose(values):
        prior = (values[4:12] ** 2).sum() / 4 + ((values[12] - np.log(1.5)) / 0.7) ** 2
        logs = pooled.sum_logs(chosen, np.maximum.accumulate(values[:4]), values[4:12])
        return prior / 2 - pooled.sum_people(logs, np.exp(values[12]))

    found = optimize.minimize(lose, [-2.0, 0, 2, 4, *[0] * 8, 0], method="Powell", options={"maxiter": 50, "ftol": 1e-9})
    assert np.log(fit.spread) == pytest.approx(found.x[12], abs=0.02)


@pytest.fixture
def two_teams(project):
    """Eight of the North answer high, one of the South low."""
    rows = ["Agree,Agree,Disagree", "Neutral,Agree,Disagree", "Agree,Neutral,Neutral", "Disagree,Neutral,Agree"]
    head = "ResponseId,Status,team,A1,A2,B1\n"
    lines = [f"R_{k},0,{'North' if k < 8 else 'South'},{rows[k % 3 if k < 8 else 3]}\n" for k in range(9)]
    path = project / "data" / "tiny" / "survey.csv"
    path.write_text(head + "".join(lines))
    return path


def expect():
    study = reading.read_study("tiny")
    found = cleaning.clean_survey(study)
    scores = scoring.score_constructs(found.responses, study.scored_items, study.scales)
    return pooled.expect_every_group(study, scores, found.responses, found.respondents).set_index(["construct", "group"])


def test_a_group_of_one_is_drawn_further_toward_the_others_than_a_group_of_eight(two_teams):
    table = expect()
    assert table.loc["sense", "n"].tolist() == [8, 1] and table.loc["sense", "raw"].tolist() == pytest.approx([43 / 16, 1.5])
    moved = (table["expected"] - table["raw"]).abs().loc["sense"]
    assert moved["South"] > 3 * moved["North"]
    inside = table.eval("1 <= low and low < expected and expected < high and high <= 3")
    assert inside.all() and (table["note"] == "").all()
    widths = (table["high"] - table["low"]).loc["sense"]
    assert widths["South"] > widths["North"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("South", "North"), "there is only one group"),
        (lambda text: text.replace("Disagree", "Agree").replace("Neutral", "Agree"), "all answers are the same"),
    ],
)
def test_what_cannot_be_expected_has_a_reason_and_the_mean_as_it_is(two_teams, change, why):
    two_teams.write_text(change(two_teams.read_text()))
    table = expect()
    assert set(table["note"]) == {f"[not defined: {why}]"}
    assert table[["expected", "low", "high"]].isna().all(axis=None) and table["raw"].notna().all()


def test_people_who_are_parted_completely_have_an_expectation_inside_the_scale(two_teams):
    # Everybody in the North gives the highest answer to everything, and everybody in the South the lowest.
    head, *lines = two_teams.read_text().splitlines()
    parted = [f"R_{k},0,{'North,Agree,Agree' if k < 5 else 'South,Disagree,Disagree'},Agree" for k in range(9)]
    two_teams.write_text("\n".join([head, *parted]) + "\n")
    sense = expect().loc["sense"]
    assert sense.loc["North", "expected"] > 2.5 > 1.5 > sense.loc["South", "expected"]
    assert sense["high"].max() <= 3 and sense["low"].min() >= 1


def test_without_groupings_or_scores_there_is_nothing_to_expect(two_teams):
    path = two_teams.with_name("study.yml")
    path.write_text(
        path.read_text().replace("  groupings:\n    team: {label: Team, column: team, levels: [North, South]}\n", "")
    )
    assert expect().empty
