"""The command `workbook`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click

from helpers.running import fresh
from helpers.study.errors import Mistakes, WorkbookError, shown_path
from helpers.study.folders import FIRST_STUDY, outputs_root, project_root


@click.group()
@click.version_option(package_name="nomad-workbook")
def workbook() -> None:
    """Evaluate a practice with a NoMAD survey and coded interviews."""


PATH = click.Path(path_type=Path)
KERNELS = "Fork kernels from one process that has everything imported (Linux only), or start each separately."


def of_a_run(command):
    """The argument and options common to `run` and `share`."""
    for option in reversed([
        click.argument("study", default=FIRST_STUDY),
        click.option("-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a parameter of notebooks."),
        click.option("-y", "file", type=PATH, help="Read parameters from a YAML file."),
        click.option("--run", "label", default="default", show_default=True, help="The run's label, a folder under outputs."),
        click.option("-n", "jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Notebooks at a time."),
        click.option("--kernels", type=click.Choice(["warm", "plain"]), default="warm", show_default=True, help=KERNELS),
    ]):  # fmt: skip
        command = option(command)
    return command


@workbook.command()
@of_a_run
@click.option("--audience", type=click.Choice(["team", "funder"]), default="team", show_default=True, help="Who it is for.")
@click.option("--only", default="", metavar="NN", help="Run this notebook and what it needs, into a separate folder.")
@click.option("--force", is_flag=True, help="Run everything again, stale or not.")
@click.option("--watch", is_flag=True, help="Run again whenever a file is saved, and reload the page in the browser.")
def run(study: str, parameters, file: Path | None, label: str, jobs: int, kernels: str, audience, only, force, watch) -> None:
    """Run the notebooks of STUDY and write its appendix.

    For a funder (--audience funder), code is left out, small counts are withheld, and the finished files are searched for
    anything that must not leave the team.
    """
    name = fresh.name_run(label, audience)
    if watch:
        from helpers.running.watch import keep_running
        from helpers.study.reading import read_study

        if only:
            expected = "a whole run, since it has a page"
            raise WorkbookError("workbook run", "--watch", "it with --only", expected, "leave out one")
        read_study(study, Mistakes())
        arguments = [each for each in sys.argv[2:] if each != "--watch"]
        keep_running(study, arguments, [file] if file else [], outputs_root() / study / name)
    command = repr((parameters, file and (file.read_bytes() if file.is_file() else read_parameter_file(file)), audience))
    if not force and not only and (notes := fresh.read_notes(study, name, command)) is not None:
        tell_notes(notes)
        executed, folder = [], shown_path(outputs_root() / study / name)
    else:
        from helpers.running import warm

        # The process that kernels are forked from gets ready while this one imports the rest.
        with warm.warm_kernels(kernels == "warm"):
            from helpers.running import pipeline, plan

            refuse_unsafe = None
            if audience == "funder":
                from helpers.package.package import refuse_unsafe
            given = read_parameter_file(file) | dict(parameters)
            outcome = pipeline.make_run(plan.Order(study, label, given, audience, jobs, only, force, command), refuse_unsafe)
        stop_if_failed(outcome)
        executed, folder = outcome.executed, shown_path(outcome.folder)
    if only:
        click.echo(f"Notebook {only} and what it needs: {folder}. The run itself was left as it was.")
    else:
        click.echo(f"Ran {len(executed)} steps." if executed else "Nothing had changed.")
        click.echo(f"Appendix: {folder}/appendix.html")
    if audience == "funder":
        click.echo("It is not recorded in the ledger of releases: to send it to anybody, use workbook share.")


@workbook.command()
@of_a_run
@click.option("--to", default="", metavar="NAME", help="Who it is for; `workbook releases` lists it.")
def share(study: str, parameters, file: Path | None, label: str, jobs: int, kernels: str, to: str) -> None:
    """Make a package of STUDY for a funder: the appendix and the files beside it, as a folder and as a zip file.

    Its counts are checked against those of all earlier packages: see `workbook releases`.
    """
    from helpers.package.package import make_package
    from helpers.running import plan, warm

    given = read_parameter_file(file) | dict(parameters)
    with warm.warm_kernels(kernels == "warm"):
        package = make_package(plan.Order(study, label, given, jobs=jobs), to)
    stop_if_failed(package.outcome)
    click.echo(f"Package: {shown_path(package.archive)} (the folder beside it holds the same files)")
    if package.missing:
        click.echo(f"Note: The package has no PDF: {package.missing}.")
    number, frames = package.release.number, package.release.frames
    repeated, held_back = (sum(frame[name] for frame in frames) for name in ("repeated", "held_back"))
    if repeated or held_back:
        click.echo(f"Because of earlier packages {repeated} figures are repeated and {held_back} withheld; notes say which.")
    if repeated and package.redefined:
        click.echo(f"Warning: {package.redefined}")
    strike = f"workbook releases {study} --strike {number} --reason …"
    click.echo(f"It is recorded as release {number}. If it is never sent: {strike}")
    click.echo("Read it before you send it: small counts are withheld and it was searched, but no rule finds everything.")


@workbook.command()
@click.argument("study")
@click.argument("grid", required=False, type=PATH)
@click.option("--dask", default="", metavar="tcp://…", help="Run on the Dask cluster of this scheduler.")
@click.option("-n", "jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Cells at a time.")
def sweep(study: str, grid: Path | None, dask: str, jobs: int) -> None:
    """Analyse the survey of STUDY once for each cell of a GRID of choices (a YAML file, by default the study's sweep.yml).

    Its tables are in outputs/STUDY/sweeps. A sweep that was stopped continues where it was.
    """
    from helpers.running import sweep as sweeps

    folder, cells, before = sweeps.make_sweep(study, grid, jobs, dask)
    states = cells["state"].value_counts()
    for row in cells[cells["state"] == sweeps.FAILED].head(10).itertuples():
        click.echo(f"Failed: cell {row.cell}: {row.message}", err=True)
    counts = ", ".join(f"{number} {state}" for state, number in states.items())
    click.echo(f"{len(cells)} cells: {counts}" + f" ({before} of them before)" * bool(before))
    click.echo(f"Tables: {shown_path(folder)}")
    pages, wanted, failed = sweeps.make_pages(study, jobs) if grid is None else (0, 0, [])
    for message in failed:
        click.echo(f"Failed: page with {message}", err=True)
    if wanted:
        click.echo(f"{pages} of {wanted} pages for readers to choose from: `workbook run {study}` puts them into its page.")
    if sweeps.WAITING in states:
        click.echo("Not all were run: give the same command again.", err=True)
    sys.exit(0 if set(states.index) == {sweeps.DONE} and pages == wanted else 1)


@workbook.command()
@click.argument("one")
@click.argument("other")
@click.argument("study", default=FIRST_STUDY)
def compare(one: str, other: str, study: str) -> None:
    """Show which figures and sentences of STUDY differ between two runs, ONE and OTHER, named by their labels."""
    from helpers.running.compare import compare_runs

    click.echo("\n".join(compare_runs(study, one, other)) or "No figure and no sentence changed.")


@workbook.command()
@click.argument("name")
@click.option("--survey", "surveys", multiple=True, type=PATH, help="An export; one for each wave.")
@click.option("--definition", type=PATH, help="What the export's codes mean: a QSF, LSS or data dictionary.")
@click.option("--interviews", multiple=True, type=PATH, help="Coding, participants, transcripts: files or folders.")
def new(name: str, surveys, definition: Path | None, interviews) -> None:
    """Make the study NAME from a survey tool's exports and coded interviews; without either, make a template.

    What is certain is written to data/NAME/; what is not certain is asked, or left under `review` if there is no terminal.
    """
    from helpers.setup.ask import Asker
    from helpers.setup.new import make_study
    from helpers.study.reading import list_undecided

    made = make_study(name, surveys, definition, interviews, Asker())
    click.echo(f"\nMade data/{name}/ with study.yml" + " and codebook.csv" * bool(len(made.codebook)))
    for row in made.codebook.itertuples() if made.found else ():
        click.echo(f"  {row.item}{', reversed' * (row.reversed == 'yes')}: {row.label}")
    for what, detail in made.found:
        click.echo(f"  {what}: {detail}")
    undecided = list_undecided(made.review, made.codebook)
    nothing = "Nothing is left to decide." if made.found else "Fill them in."
    click.echo(f"{len(undecided)} still to decide:" if undecided else nothing)
    for asked in undecided:
        click.echo(f"  {': '.join(asked)}")
    click.echo(f"Next: workbook check {name}, then workbook run {name}")


def tell_notes(notes: list[str]) -> None:
    """Print what may be right but deserves a look."""
    for note in notes:
        click.echo(f"Note: {note}")


@workbook.command()
@click.argument("study", default=FIRST_STUDY)
@click.option("--strike", type=int, metavar="N", help="Strike out a package that was never sent.")
@click.option("--reason", default="", help="Why it is struck.")
def releases(study: str, strike: int | None, reason: str) -> None:
    """List which packages of STUDY were made for whom, and what a new one could still show."""
    from helpers.disclosure import ledger
    from helpers.disclosure.sharing import describe_releases
    from helpers.running import publish
    from helpers.study.reading import read_study

    found = read_study(study)
    if strike is not None:
        if not reason.strip():
            raise WorkbookError("workbook releases", "--strike", "no reason", "one", 'add --reason "It was never sent."')
        with publish.telling_disk_errors(ledger.folder_of(found)):
            ledger.strike(found, strike, reason.strip())
    click.echo("\n".join(describe_releases(found)))


def stop_if_failed(outcome) -> None:
    """Say which notebooks failed and which results are kept, and exit: with 2 if the user can fix it, otherwise 1."""
    tell_notes(outcome.notes)
    if not outcome.failures:
        return
    for failure in outcome.failures:
        click.echo(f"Error: {failure.message} ({failure.place})" if failure.mendable else f"Failed: {failure}", err=True)
    if outcome.not_run:
        click.echo(f"Not run, since they depend on it: {', '.join(outcome.not_run)}", err=True)
    kept = "The last good results are untouched" if outcome.folder.exists() else "Nothing was written"
    click.echo(f"{kept}: {shown_path(outcome.folder)}", err=True)
    sys.exit(2 if all(failure.mendable for failure in outcome.failures) else 1)


def read_scale(_context, _option, text: str) -> tuple[int, int]:
    """The ends of a scale, "1-5", of three points or more."""
    match = re.fullmatch(r"(\d+)\s*[-–]\s*(\d+)", text)
    if match is None or not 2 <= int(match[2]) - int(match[1]) <= 20:
        expected = "the first and the last of 3 to 21 points"
        raise WorkbookError("--scale", "", repr(text), expected, "give 1-5 or 0-10, for example")
    return int(match[1]), int(match[2])


@workbook.command()
@click.argument("study", default=FIRST_STUDY)
def check(study: str) -> None:
    """Look for mistakes in STUDY: in study.yml, the codebook and every file that they name, all at once.

    This is what `run` and `share` do before they start.
    """
    from helpers.running import plan

    tell_notes(plan.plan_run(plan.Order(study)).notes)
    click.echo(f"No mistakes found in data/{study}.")


@workbook.command()
@click.argument("study", default=FIRST_STUDY)
def lab(study: str) -> None:
    """Open JupyterLab; notebooks whose parameter `study` is empty then work on STUDY."""
    from helpers.study import reading

    reading.read_study(study, Mistakes())
    os.environ["WORKBOOK_STUDY"] = study
    click.echo("Open notebooks/00_summary.ipynb, or any other, and run all its cells. Ctrl+C ends JupyterLab.")
    sys.exit(subprocess.call([sys.executable, "-m", "jupyterlab"], cwd=project_root()))


@workbook.command()
@click.argument("file", type=PATH)
@click.option("-n", "responded", type=click.IntRange(1), required=True, help="The most people who can have answered.")
@click.option("--scale", default="1-5", show_default=True, callback=read_scale, help="The ends of the scale of answers.")
@click.option("--csv", "target", type=PATH, help="Also write the findings to this CSV file.")
@click.option("--counts", type=PATH, help="Write the counts that each possible row leaves open to this CSV file.")
def audit(file: Path, responded: int, scale: tuple[int, int], target: Path | None, counts: Path | None) -> None:
    """Check a CSV FILE of published figures: can all figures in a row be true together?

    The first column names a row, an item. The others hold n, n (missing), counts, percentages or n (%) of categories of
    answers, Mean (SD), Median (IQR), range, together or in separate columns, as their headings say. For means of several
    items give their number in a column `items`. Counts of people: columns panel, category and, last, the counts.
    """
    from helpers.audit import tables
    from helpers.page.words import counted
    from helpers.study.sheets import read_table

    table = read_table(file)
    verdicts = tables.audit_table(table, file.name, responded, scale)
    for row in verdicts.itertuples():
        click.echo(f"{row.severity.upper():14} {row.id}: {row.finding}")
    asked = int(verdicts["severity"].isin(["contradiction", "question"]).sum())
    click.echo(f"{counted(len(verdicts), 'check')}, {asked} with a question for the authors.")
    write_frame(verdicts, target, "Findings", "--csv")
    if counts:
        write_frame(tables.list_table_counts(table, file.name, responded, scale), counts, "Counts", "--counts")


def write_frame(frame, target: Path | None, name: str, option: str) -> None:
    """Write a frame as CSV if asked, and say so."""
    if target is None:
        return
    try:
        frame.to_csv(target, index=False, lineterminator="\n", encoding="utf-8-sig")
    except OSError:
        found, expected = "a place that cannot be written to", "a file in a folder that exists"
        raise WorkbookError(target, "", found, expected, f"create the folder, or correct the path after {option}") from None
    click.echo(f"{name}: {target}")


def read_parameter_file(path: Path | None) -> dict[str, object]:
    """Parameters from a YAML file of `name: value` lines; none without a file."""
    from helpers.study.reading import read_yaml

    return read_yaml(path) if path else {}


def main() -> None:
    """Run the command; a problem that a user can fix is one message and exit status 2."""
    try:
        workbook(standalone_mode=False)
    except WorkbookError as error:
        for each in error.errors:
            click.echo(f"Error: {each}", err=True)
        sys.exit(2)
    except click.exceptions.Abort:
        click.echo("Stopped. The last good results are untouched.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
