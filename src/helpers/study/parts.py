"""Models that pydantic checks against a file, with each mistake explained to the person who typed it."""

import re
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Self

import pydantic
from pydantic_core import PydanticCustomError

from helpers.study.errors import WorkbookError, find_nearest, raise_all, suggest

# What we expected, for each kind of pydantic error whose own words are for programmers.
WHOLE, NUMBER, KEYS = "a whole number, without commas or signs", "a number, with a decimal point", "keys, each with its value"
EXPECTED = {
    "missing": "a value for this key", "string_type": "text", "list_type": "a list: [one, another]", "dict_type": KEYS,
    "model_type": KEYS, "int_parsing": WHOLE, "int_type": WHOLE, "int_from_float": WHOLE, "float_parsing": NUMBER,
    "float_type": NUMBER, "bool_parsing": "yes or no", "bool_type": "yes or no",
}  # fmt: skip
# All models, by name.
PARTS: dict[str, type["Part"]] = {}


class Part(pydantic.BaseModel):
    """A part of `study.yml` or of a notebook's metadata; a misspelt key is an error, not ignored."""

    model_config = pydantic.ConfigDict(frozen=True, coerce_numbers_to_str=True, extra="forbid")

    @classmethod
    def read(cls, said: object, file: Path, place: str, remedy: str) -> Self:
        """Read a part as typed in a file; a `WorkbookError` reports everything that is wrong with it."""
        try:
            return cls.model_validate(said)
        except pydantic.ValidationError as invalid:
            errors = invalid.errors()
        strange = [each["loc"] for each in errors if each["type"] == "extra_forbidden"]
        typed = [(*steps, find_nearest(key, cls._find(steps).model_fields)) for *steps, key in strange]
        # A mistyped key should not also be reported as missing.
        told = [each for each in errors if each["type"] != "missing" or each["loc"] not in typed]
        raise_all(cls._tell(each, file, place, remedy) for each in told)

    @classmethod
    def keep_right(cls, said: dict) -> Self:
        """What is left without everything that is wrong; missing text at the top level becomes empty."""
        said = deepcopy(said)
        while True:
            try:
                return cls.model_validate(said)
            except pydantic.ValidationError as invalid:
                # Remove from the end, so that the reported places in a list stay the same.
                error = invalid.errors()[-1]
            *steps, last = find_steps(error)
            if error["type"] == "missing" and not steps:
                said[last] = ""
            else:
                *steps, last = steps if error["type"] == "missing" else [*steps, last]
                reduce(getitem, steps, said).pop(last)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        PARTS[cls.__name__] = cls

    @classmethod
    def _tell(cls, error: dict, file: Path, place: str, remedy: str) -> WorkbookError:
        steps = find_steps(error)
        words = error["msg"].replace("Input should be ", "")
        found, expected = describe(error["input"]), EXPECTED.get(error["type"], words)
        if error["type"] in ("missing", "wrong"):
            found = error["ctx"]["found"] if "ctx" in error else "nothing"
        elif error["type"] == "extra_forbidden":
            *steps, key = steps
            known = cls._find(steps).model_fields
            found, expected, remedy = f"the unknown key {key!r}", "one of " + ", ".join(known), suggest(key, known, remedy)
        elif error["type"] == "literal_error":
            remedy = suggest(error["input"], re.findall("'(.*?)'", words), remedy)
        return WorkbookError(file, ".".join(filter(None, [place, *map(str, steps)])), found, expected, remedy)

    @classmethod
    def _find(cls, steps: list[str | int]) -> type["Part"]:
        """The model at a place; each field holds parts of one kind, some of them by name or number."""
        for step in steps:
            annotation = str(cls.model_fields[step].annotation) if step in cls.model_fields else ""
            cls = next((PARTS[word] for word in re.findall(r"\w+", annotation) if word in PARTS), cls)
        return cls


def wrong(found: object, expected: str, key: str = "") -> PydanticCustomError:
    """The error that our validators raise: what was found, what was expected, and under which key."""
    return PydanticCustomError("wrong", "{expected}", {"found": str(found), "expected": expected, "key": key})


def stand_once(labels: list[str]) -> list[str]:
    """Refuse repeated labels, because readers and tables know options, levels, groupings and attributes by label."""
    if len({label.strip().casefold() for label in labels}) < len(labels):
        raise wrong(", ".join(labels), "each label only once")
    return labels


def labelled_once(parts: dict) -> dict:
    stand_once([part.label for part in parts.values()])
    return parts


def find_steps(error: dict) -> list[str | int]:
    """The keys and list positions that lead to the mistake."""
    return [step for step in [*error["loc"], error.get("ctx", {}).get("key")] if step not in ("[key]", "", None)]


def describe(said: object) -> str:
    """Describe a value in a file in a few words."""
    if said is None or said == {}:
        return "nothing"
    if isinstance(said, dict):
        return f"the keys {', '.join(map(str, list(said)[:8]))}"
    if isinstance(said, list):
        return f"a list of {len(said)}"
    return repr(said) if len(str(said)) <= 80 else f"{str(said)[:80]!r} …"
