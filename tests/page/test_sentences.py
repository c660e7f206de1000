"""Every sentence of every notebook, read for studies of one, two, three and many people."""

import re

import in_process
import pytest
from bs4 import BeautifulSoup
from planted import ITEMS, plant

from helpers.study import notebooks, reading

PROSE = "p, figcaption, caption, li, summary"
NOUNS = (
    "people|respondents|participants|items|statements|answers|groups|pairs|texts|quotations|gists|themes|codes|segments|figures|"
    "tables|waves|constructs|areas|questions|contradictions|checks|recommendations|interviews|levels|units|are|were|have|say"
)
SINGULAR = "person|respondent|participant|item|statement|answer|group|text|theme|code|is|was|has"
WRONG = {
    "a plural after one": rf"(?<![\d.,])\b1 ({NOUNS})\b",
    "a singular after several": rf"\b(0|[2-9]|\d{{2,}}) ({SINGULAR})\b",
    "a share of nobody": r"\b0 of 0\b",
    "a missing value": r"\b(nan|NaN|None|NaT|inf|<NA>)\b",
    "raw markup": r"`|\*\*|</?(b|i|em|code|span|p)>|&[a-z]+;|\{\{?",
    "a hole in the sentence": r"\s[,.;:](\s|$)|,,|\.\.(?!\.)|\(\s*\)|“”|: \.|; ;",
    "an item's code": rf"(?<![\w“])({'|'.join(ITEMS)})(?![\w”])(?! <i>)",
}


def make_plain(folder, respondents):
    """The planted study with labels as people write them."""
    plant(folder, respondents=respondents)
    for file in ("study.yml", "codebook.csv"):
        text = (folder / file).read_text(encoding="utf-8")
        text = (
            text.replace(" <script>alert('title')</script>", "")
            .replace("=1+1 and **stars**", "nobody")
            .replace("Item ", "Says ")
        )
        (folder / file).write_text(
            re.sub(r"(Says \w\d) <i>as typed</i>", lambda found: LABELS[found[1][-2:]], text), encoding="utf-8"
        )
    segments = (folder / "segments.csv").read_text(encoding="utf-8")
    (folder / "segments.csv").write_text(re.sub(r"(?m)^T[2-5],.*\n", "", segments), encoding="utf-8")
    (folder / "approved.csv").write_text("segment\nT0\n")


LABELS = dict(
    zip(ITEMS, ["Sees the point", "Knows why", "Values it", "Has time", "Has support", "Takes time from others"], strict=True)
)


def list_parameters(name):
    study = reading.read_study(name)
    cells = [cell for notebook in notebooks.find_notebooks(study) for cell in notebooks.read_notebook(notebook.path)["cells"]]
    settings = [cell["source"] for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    return {name for source in settings for name in re.findall(r"(?m)^(\w+_\w+):", source)}


@pytest.mark.parametrize("audience", ["team", "funder"])
@pytest.mark.parametrize("respondents", [1, 2, 3, 40])
def test_every_sentence_is_right_for_any_number_of_people(project, respondents, audience):
    make_plain(project / "data" / "people", respondents)
    shown = []
    in_process.run_notebooks("people", shown=shown, audience=audience, permutations=20, orders=20)
    soup = BeautifulSoup("\n".join(shown), "html.parser")
    for part in soup.select("table tbody, thead, p.withheld, p.saved"):
        part.decompose()
    texts = [" ".join(part.get_text().split()) for part in soup.select(PROSE)] + [
        picture["alt"] for picture in soup.select("img")
    ]
    assert len(texts) > 20
    wrong = WRONG | {"a parameter's name": rf"\b({'|'.join(list_parameters('people'))})\b"}
    found = {(why, text) for text in texts for why, pattern in wrong.items() if re.search(pattern, text)}
    assert not found
