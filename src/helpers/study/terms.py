"""What all modules share: words for the status of an answer, the sign for withheld values, a statistic with its interval."""

import math
import re
from typing import NamedTuple

ANSWERED = "answered"
MISSING = "missing"
NOT_RELEVANT = {
    "role": "not relevant to role",
    "stage": "not relevant at this stage",
    "intervention": "not relevant to the intervention",
}
# What a reader sees instead of a number that is withheld to protect people: "c" for confidential, the shorthand for tables that
# the UK's Government Analysis Function recommends.
WITHHELD = "[c]"
# The smallest threshold for a funder: below it, a withheld count has one possible value or none.
LEAST_THRESHOLD = 3
# U+202A to U+202E and U+2066 to U+2069, which change the direction of writing and so hide what a text says.
TURNING = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
STATUSES = [ANSWERED, *NOT_RELEVANT.values(), MISSING]


class Estimate(NamedTuple):
    """A statistic with its 95% interval; missing values are NaN, and `note` says why."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    note: str = ""
