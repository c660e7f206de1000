"""Asks in the terminal what the files do not say, or leaves it as a line of `review`."""

import sys
from dataclasses import dataclass, field

import click


@dataclass
class Asker:
    """Decides with the researcher. Without a terminal every answer is the proposed one, and is left for review."""

    terminal: bool = field(default_factory=lambda: sys.stdin.isatty())

    def choose(self, review: list[str], question: str, proposed: str, choices: dict[str, str] | None = None) -> str:
        """One of the choices (answer → meaning), or any text if there are none; left in `review` if it was not asked."""
        if not self.terminal:
            review.append(f"{question} Taken for now: {choices[proposed] if choices else proposed}.")
            return proposed
        click.echo("\n" + question)
        for answer, meaning in (choices or {}).items():
            click.echo(f"  {answer}: {meaning}")
        kind = click.Choice([*choices]) if choices else None
        return click.prompt("Which?" if choices else "Answer", default=proposed, type=kind, show_choices=False)
