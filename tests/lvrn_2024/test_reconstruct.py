"""The rebuilt export of the first study: it keeps what was published, and is what its function makes."""

import ipaddress

import pandas as pd
import pytest
import yaml
from conftest import load

from helpers.study import folders, reading
from helpers.survey import cleaning
from helpers.survey.reliability import estimate_reliability

reconstruct = load("data/lvrn_2024/reconstruct.py")
FOLDER = folders.project_root() / "data" / "lvrn_2024"


@pytest.fixture(scope="module")
def lvrn():
    return reading.read_study("lvrn_2024")


@pytest.fixture(scope="module")
def plan():
    return reconstruct.Plan(**yaml.safe_load((FOLDER / "survey" / "reconstruction.yml").read_text()))


@pytest.fixture(scope="module")
def export():
    return pd.read_csv(FOLDER / "survey" / "reconstructed_export.csv", dtype=str, keep_default_na=False)


def test_the_committed_files_are_what_the_function_makes(lvrn, plan):
    export, counts = reconstruct.reconstruct_export(lvrn, plan)
    made = {
        "survey/reconstructed_export.csv": export,
        "survey/reconstructed_counts.csv": counts,
        "interviews/participants.csv": reconstruct.reconstruct_participants(lvrn, plan),
    }
    for name, frame in made.items():
        assert frame.to_csv(index=False, lineterminator="\n") == (FOLDER / name).read_text(encoding="utf-8"), name


def test_every_items_counts_round_to_the_published_percentages_but_c1s(lvrn, plan):
    counts = reconstruct.reconstruct_counts(lvrn, plan)
    assert counts.loc[counts["fits"] != "yes", "item"].tolist() == ["C1"]
    # By hand: of 40, 9 + 11 + 19 + 1; 22.5, 27.5, 47.5 and 2.5% against 24, 28, 48 and 2 printed.
    c1 = counts.set_index("item").loc["C1", ["n", "low", "neutral", "high", "not_relevant"]]
    assert c1.tolist() == [40, 9, 11, 19, 1]


def test_counts_that_cannot_fit_are_the_nearest_and_said_to_be_so():
    assert reconstruct.counts_for([50, 50], 4) == ([2, 2], True)
    assert reconstruct.counts_for([50, 50], 3)[1] is False


def test_the_layout_is_qualtrics_with_three_header_rows_one_preview_and_48_responses(export):
    assert export.iloc[1].str.startswith('{"ImportId": ').all()
    assert len(export) - 2 == 49
    assert (export["Status"] == "Survey Preview").sum() == 1


def test_made_up_identifiers_can_be_nobodys(export):
    rows = export.iloc[2:]
    networks = [ipaddress.ip_network(f"{network}.0/24") for network in reconstruct.DOCUMENTATION_NETWORKS]
    for address in rows["IPAddress"]:
        assert any(ipaddress.ip_address(address) in network for network in networks)
    assert rows["RecipientEmail"].str.endswith("@example.org").all()
    for name in ("RecipientLastName", "RecipientFirstName", "ExternalReference"):
        assert (rows[name] == "").all()


def test_42_answered_the_first_section_40_the_others_and_39_the_item_on_resources(lvrn):
    answers = cleaning.clean_survey(lvrn).responses
    given = answers[answers["status"] != "missing"].groupby("item").size()
    assert set(given[["A1", "A2", "A3"]]) == {42}
    assert given["D6"] == 39
    assert set(given.drop(["A1", "A2", "A3", "D6"])) == {40}


def test_simulated_constructs_have_alphas_near_the_published_ones(lvrn, plan):

    found = estimate_reliability(cleaning.clean_survey(lvrn).responses, lvrn.scored_items, lvrn.scales)
    alphas = found.set_index("construct")["alpha"]
    for construct, target in plan.target_alpha.items():
        assert alphas[construct] == pytest.approx(target, abs=0.05), construct
