"""Vocabulary that every room shares: the status of an answer, the sign of what is withheld."""

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
STATUSES = [ANSWERED, *NOT_RELEVANT.values(), MISSING]
