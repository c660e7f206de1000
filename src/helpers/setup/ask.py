"""What cannot be known from the files: asked in the terminal, or left as a line of `review`."""

import sys
from dataclasses import dataclass, field

import click


@dataclass
class Asker:
    """Decides with the researcher. Without a terminal every answer is the proposed one, and stays to be reviewed."""

    terminal: bool = field(default_factory=lambda: sys.stdin.isatty())
    asked: int = 0

    def choose(self, about: str, question: str, choices: dict[str, str], proposed: str) -> tuple[str, str]:
        """One of the choices (answer → meaning), and what is left to review: nothing where it was asked."""
        if not self.terminal:
            meaning = choices[proposed]
            return proposed, f"{question} Taken for now: {meaning}. ({'; '.join(choices.values())})"
        self.asked += 1
        click.echo(f"\n{about}\n{question}")
        for answer, meaning in choices.items():
            click.echo(f"  {answer}  {meaning}")
        return click.prompt("Which?", type=click.Choice([*choices]), default=proposed, show_choices=False), ""

    def name(self, about: str, question: str, proposed: str) -> tuple[str, str]:
        """A name or a wording, in the same way."""
        if not self.terminal:
            return proposed, f"{question} Taken for now: {proposed}."
        self.asked += 1
        click.echo(f"\n{about}")
        return click.prompt(question, default=proposed), ""
