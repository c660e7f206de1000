"""The guide to a study of one's own lists what the models and notebooks have."""

import pandas as pd
import pytest
from conftest import ROOT, load

from helpers.study import reading

guide = load("docs/write_reference.py")
TEXT = (ROOT / "docs" / "own_study.md").read_text(encoding="utf-8")


def test_the_list_in_the_guide_is_that_of_the_models_and_notebooks():
    assert TEXT.split(guide.MARK)[1].strip() == guide.write_reference().strip(), "run python docs/write_reference.py"


@pytest.mark.parametrize("line", [
    # Each as the models and notebooks have it.
    "| `practice` | text | required |",
    "| `kind` | one of `role`, `stage`, `intervention`, `missing` | required |",
    "| `ordered` | yes or no | no |",
    "### `scales.NAME.responses[]`",
    "### `interviews.attributes.NAME`",
    "| `speed_share` | `0.5` | flagged as fast: less than this share of the median time | 01 | 0 to 1 |",
    "| `permutations` | `10000` | random divisions of the scores among the groups; none where all have 500 people | 03 "
    "| 1 or more |",
])  # fmt: skip
def test_a_key_or_parameter_is_told_as_it_is(line):
    assert line in TEXT.splitlines()


def test_every_key_of_the_first_study_is_in_the_guide():
    said = reading.read_yaml(ROOT / "data" / "lvrn_2024" / "study.yml")
    keys = [*said, *said["survey"], *said["interviews"], *said["published"], *next(iter(said["survey"]["groupings"].values()))]
    assert [key for key in keys if f"| `{key}` |" not in TEXT] == []


def test_every_column_of_the_first_studys_codebook_is_in_the_guide():
    columns = pd.read_csv(ROOT / "data" / "lvrn_2024" / "codebook.csv").columns
    assert [name for name in columns if f"| `{name}` |" not in TEXT] == []
