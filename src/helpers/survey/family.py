"""Correction for many tests: where nothing differs, the whole page makes a false claim at most 5 times in 100.

The page tests several questions (which items stand out, whether groups differ, …), each with many tests. Within a question
we use Holm's correction. Across questions we share the 5% evenly, by multiplying each p by the number of questions that the
study's survey can ask. So a corrected p is always compared with .05.
"""

import numpy as np
import pandas as pd

from helpers.study.definition import Study

FAMILY_ERROR = 0.05


def count_questions(study: Study) -> int:
    """How many questions the page tests with this survey, if there is one."""
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
    """Holm's step-down correction of the p-values that are defined (Holm 1979, Scand J Stat 6:65–70), times `questions`.

    We do not use statsmodels here because it runs garbage collection at every call; a test checks that both agree.
    """
    values = np.sort(p.dropna().to_numpy())
    corrected = (questions * np.maximum.accumulate(values * np.arange(len(values), 0, -1))).clip(max=1)
    return p.map(dict(zip(values, corrected, strict=True)))
