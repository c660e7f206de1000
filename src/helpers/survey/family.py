"""How often the whole page may claim something of answers in which nothing differs: at most 5 times in 100.

The page asks several questions of chance (which items stand out, whether groups differ, …), each with many tests. Within a
question Holm's correction holds its tests together; across questions the 5% are shared out evenly, by multiplying each p by
the number of questions that the study's survey can ask. So a corrected p is always held against .05.
"""

import numpy as np
import pandas as pd

from helpers.study.definition import Study

FAMILY_ERROR = 0.05


def count_questions(study: Study) -> int:
    """How many questions of chance the page asks of this survey, if there is one."""
    survey = study.definition.survey
    asked = {
        "which items stand out": True,
        "to whom the practice is not relevant": any(scale.not_relevant for scale in study.used_scales.values()),
        "whether groups differ": bool(survey and survey.groupings),
        "whether scores changed": bool(survey and len(survey.files) > 1),
        "whether constructs go with items outside the scores": len(study.scored_items) < len(study.codebook),
    }
    return sum(asked.values())


def adjust_holm(p: pd.Series, questions: int = 1) -> pd.Series:
    """Holm's step-down correction over the p-values that are defined (Holm 1979, Scand J Stat 6:65–70), times `questions`.

    Own formula rather than that of statsmodels, which collects garbage at every call; the tests hold the two together.
    """
    values = np.sort(p.dropna().to_numpy())
    corrected = (questions * np.maximum.accumulate(values * np.arange(len(values), 0, -1))).clip(max=1)
    return p.map(dict(zip(values, corrected, strict=True)))
