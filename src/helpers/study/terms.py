"""Vocabulary that every room shares: the status of an answer, the sign of what is withheld."""

import re

ANSWERED = "answered"
MISSING = "missing"
NOT_RELEVANT = {
    "role": "not relevant to role",
    "stage": "not relevant at this stage",
    "intervention": "not relevant to the intervention",
}
# What a reader sees in place of a figure that is withheld to protect people: "c" for confidential, the shorthand that the UK's
# Government Analysis Function asks for in tables.
WITHHELD = "[c]"
# The least threshold for a funder: under it a count that is withheld has one possible value or none.
LEAST_THRESHOLD = 3
# U+202A to U+202E and U+2066 to U+2069, which turn the direction of writing: text is read in the order in which it stands.
TURNING = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
STATUSES = [ANSWERED, *NOT_RELEVANT.values(), MISSING]
