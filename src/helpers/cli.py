"""The command `workbook`."""

import sys
from pathlib import Path

import click

from helpers.study import errors
from helpers.study.errors import WorkbookError

DEFAULT_STUDY = "lvrn_2024"


@click.group()
@click.version_option(package_name="nomad-workbook")
def workbook() -> None:
    """Evaluate a practice with a NoMAD survey and coded interviews."""


def of_a_run(command):
    """The argument and options that `run` and `share` have in common."""
    for option in reversed([
        click.argument("study", default=DEFAULT_STUDY),
        click.option("-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a parameter of notebooks."),
        click.option("-y", "file", type=click.Path(path_type=Path), help="Read parameters from a YAML file."),
        click.option("--run", "label", default="default", show_default=True, help="The run's label, a folder under outputs."),
        click.option("-n", "jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Notebooks at a time."),
    ]):  # fmt: skip
        command = option(command)
    return command


@workbook.command()
@of_a_run
@click.option("--audience", type=click.Choice(["team", "funder"]), default="team", show_default=True, help="Who it is for.")
@click.option("--only", default="", metavar="NN", help="Run this notebook and what it needs, into a folder of its own.")
@click.option("--force", is_flag=True, help="Run everything again, stale or not.")
def run(study: str, parameters, file: Path | None, label: str, audience: str, jobs: int, only: str, force: bool) -> None:
    """Run the notebooks of STUDY and write its appendix.

    For a funder (--audience funder) code is left out, small counts are withheld, and the finished files are searched for
    what must not leave the team.
    """
    from helpers.package.package import refuse_unsafe
    from helpers.running import pipeline, plan

    given = read_parameter_file(file) | dict(parameters)
    outcome = pipeline.make_run(plan.Order(study, label, given, audience, jobs, only, force), refuse_unsafe)
    stop_if_failed(outcome)
    folder = errors.shown_path(outcome.folder)
    if only:
        click.echo(f"Notebook {only} and what it needs: {folder}. The run itself was left as it was.")
    else:
        click.echo("Nothing had changed." if not outcome.executed else f"Ran {len(outcome.executed)} steps.")
        click.echo(f"Appendix: {folder}/appendix.html")


@workbook.command()
@of_a_run
def share(study: str, parameters, file: Path | None, label: str, jobs: int) -> None:
    """Make a package of STUDY for a funder: the appendix with what goes beside it, as a folder and as a zip file."""
    from helpers.package.package import make_package
    from helpers.running import plan

    given = read_parameter_file(file) | dict(parameters)
    package = make_package(plan.Order(study, label, given, jobs=jobs))
    stop_if_failed(package.outcome)
    click.echo(f"Package: {errors.shown_path(package.archive)} (and, beside it, the same as a folder)")
    if package.missing:
        click.echo(f"Note: The package has no PDF: {package.missing}.")
    click.echo("Read it before you send it: small counts are withheld and it was searched, but no rule sees everything.")


def stop_if_failed(outcome) -> None:
    """Tell which notebooks failed and what became of the results, and end: 2 when the user can mend it, else 1."""
    if not outcome.failures:
        return
    for failure in outcome.failures:
        click.echo(f"Error: {failure.message} ({failure.place})" if failure.mendable else f"Failed: {failure}", err=True)
    if outcome.not_run:
        click.echo(f"Not run, since they depend on it: {', '.join(outcome.not_run)}", err=True)
    kept = "The last good results are untouched" if outcome.folder.exists() else "Nothing was written"
    click.echo(f"{kept}: {errors.shown_path(outcome.folder)}", err=True)
    sys.exit(2 if all(failure.mendable for failure in outcome.failures) else 1)


@workbook.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-n", "responded", type=click.IntRange(1), required=True, help="The most people who can have answered.")
@click.option("--csv", "target", type=click.Path(path_type=Path), help="Also write the findings to this CSV file.")
def audit(file: Path, responded: int, target: Path | None) -> None:
    """Check a CSV FILE of published figures: percentages, counts in panels, or means with n (and SD).

    Percentages: the first column names a row, the others hold its categories. Counts: columns panel, category and, last,
    the counts. Means: the first column names a row, then mean, n and, where printed, sd.
    """
    from helpers.audit import tables
    from helpers.study import sheets

    verdicts = tables.audit_table(sheets.read_table(file).reset_index(drop=True), file.name, responded)
    for row in verdicts.itertuples():
        click.echo(f"{row.severity.upper():14} {row.id}: {row.finding}")
    asked = int(verdicts["severity"].isin(["contradiction", "question"]).sum())
    click.echo(f"{len(verdicts)} checks; {asked} raise a question to the authors.")
    if target:
        try:
            verdicts.to_csv(target, index=False, lineterminator="\n", encoding="utf-8-sig")
        except OSError:
            found, expected = "a place that cannot be written to", "a file in a folder that exists"
            raise WorkbookError(target, "", found, expected, "create the folder, or correct the path after --csv") from None
        click.echo(f"Findings: {target}")


def read_parameter_file(path: Path | None) -> dict[str, object]:
    """Parameters from a YAML file of `name: value` lines; none without a file."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig")) if path else {}
        return {str(name): value for name, value in content.items()}
    except OSError:
        raise WorkbookError(path, "", "no such file", "a YAML file of parameters", "correct the path after -y") from None
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError):
        raise WorkbookError(path, "", "no parameters", "a line `name: value` for each", "correct the file") from None


def main() -> None:
    """Run the command; a problem that a user can mend is one message and exit status 2."""
    try:
        workbook(standalone_mode=False)
    except WorkbookError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except click.exceptions.Abort:
        click.echo("Stopped. The last good results are untouched.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
