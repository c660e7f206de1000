"""Notebooks as steps: what each needs, reads and writes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from helpers.study import runs
from helpers.study.definition import Study


@dataclass(frozen=True)
class Step:
    """A notebook: the parts of a study it needs, the tables it reads and writes, and parts it uses where there are any."""

    notebook: str
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        return self.notebook[:2]


STEPS = (
    Step("01_clean_survey", ("survey",), (), ("respondents", "responses", "findings_01")),
    Step("02_score_nomad", ("survey",), ("respondents", "responses"), ("scores", "findings_02")),
    Step("03_compare_groups", ("survey",), ("respondents", "responses", "scores"), ("findings_03",)),
    Step("04_count_themes", ("interviews",), (), ("participants", "segments", "findings_04"), uses=("sharing",)),
    Step(
        "05_join_findings",
        ("survey", "interviews"),
        ("respondents", "responses", "scores", "participants", "segments"),
        ("findings_05",),
        uses=("joint", "published"),
    ),
    Step(
        "06_audit_published",
        ("published",),
        ("respondents", "responses", "scores", "participants", "segments"),
        ("findings_06",),
    ),
    Step("00_summary", (), tuple(f"findings_{name[:2]}" for name in runs.NOTEBOOKS[1:])),
)


def plan_steps(study: Study) -> list[Step]:
    """The notebooks that this study has something for; each reads only what the others in the plan write."""
    steps = [step for step in STEPS if all(getattr(study.definition, part) for part in step.needs)]
    written = {table for step in steps for table in step.writes}
    return [replace(step, reads=tuple(table for table in step.reads if table in written)) for step in steps]


def needed_for(number: str, steps: list[Step]) -> list[Step]:
    """A step and those whose tables it needs, directly or through others."""
    needed = [step for step in steps if step.number == number]
    for step in needed:  # grows while it is walked
        needed += [other for other in steps if set(other.writes) & set(step.reads) and other not in needed]
    return needed
