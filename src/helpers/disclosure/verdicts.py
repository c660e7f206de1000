"""What may be told about an audit: how many verdicts there are of each kind. What they say stays with the team."""

import pandas as pd

from helpers.audit.published import SEVERITIES
from helpers.disclosure.told import Told, tell_of_nobody


def tell_verdicts(verdicts: pd.DataFrame) -> Told:
    """Verdicts on published figures counted by severity, the most serious first: `severity, n`, zeros included.

    They rest on what a report has printed and on nobody's answers, unlike the claims of a report being written.
    """
    counts = verdicts["severity"].value_counts().reindex(SEVERITIES, fill_value=0)
    return tell_of_nobody(counts.rename_axis("severity").rename("n").reset_index())
