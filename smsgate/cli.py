"""The command line."""

import dataclasses
import json
import logging
import sys
from pathlib import Path

import click
import peewee

from db import connection
from db.connection import WrongDatabase
from db.deeds import Did
from keywords.meanings import Need
from smsgate import fit, logs, settings, terminal
from smsgate.page_words import LANGUAGES
from smsgate.settings import WrongSettings
from smsgate.terminal import Wrong


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="smsgate")
def main() -> None:
    """Mutual aid by SMS, for people the internet leaves out."""
    logs.set_up()


@main.command()
def serve() -> None:
    """Web and worker together."""
    from smsgate.server import run_both

    chosen = terminal.fit_for_service()
    terminal.migrate(chosen)
    with terminal.port_told():
        sys.exit(run_both(chosen))


@main.command()
def web() -> None:
    """The web server alone; run `smsgate work` beside it."""
    from smsgate.server import run_web

    chosen = terminal.fit_for_service()
    terminal.must_be_up_to_date(chosen)
    with terminal.port_told():
        run_web(chosen)


@main.command()
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
def work(until_stdin_closes: bool) -> None:
    """The worker alone: hears texts and sends letters; run `smsgate web` beside it."""
    from smsgate.server import run_work

    chosen = terminal.fit_for_service()
    terminal.must_be_up_to_date(chosen)
    run_work(chosen, until_stdin_closes)


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Where the rehearsal listens on 127.0.0.1.",
)
def demo(port: int) -> None:
    """A rehearsal with drawn phones: no account, no network."""
    from smsgate.demo import run

    logging.getLogger("smsgate").setLevel(logging.WARNING)
    run(port)


@main.command()
def check() -> None:
    """Say everything that is wrong with the settings, the database and the queue."""
    from smsgate import carrier

    try:
        chosen, wrong = settings.read_with_faults()
    except WrongSettings as fault:
        raise Wrong(str(fault)) from None
    faults = settings.lines(settings.unfit_for_service(chosen) | wrong)  # what cannot be read is not missing
    if not faults:
        faults += carrier.unfit(chosen)
    faults += fit.database_faults(chosen)
    if faults:
        raise Wrong("\n".join(faults))
    click.echo("Fit for service.")


@main.command()
def migrate() -> None:
    """Bring the tables up to date. Safe to run twice."""
    applied = terminal.migrate(terminal.read())
    click.echo("\n".join(applied) if applied else "The tables are up to date.")


@main.command()
@click.argument("source")
@click.argument("target")
def move(source: str, target: str) -> None:
    """Take a town over from SOURCE into TARGET, an empty database with its tables; smsgate must not be running."""
    from db import moving

    try:
        moved = moving.move(source, target)
    except WrongDatabase as wrong:
        raise Wrong(str(wrong)) from None
    except (peewee.PeeweeException, OSError) as fault:
        raise Wrong(
            f"nothing was moved ({type(fault).__name__}); do both databases answer, and may we write?"
        ) from None
    for table in moved:
        click.echo(f"{table.table:<12} {table.there:>10} there {table.here:>10} here")
    click.echo("All is moved. Set database.url to the new address, and start smsgate.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the database to FILE, while it is in use."""
    with terminal.open_database(up_to_date=False):  # before an upgrade is when it is wanted most
        connection.backup(file)
    click.echo(f"Copied to {file}; it holds people's numbers: keep it where nobody else can read it.")


@main.command()
@click.argument("phone")
@click.option("--forget", is_flag=True, help="Erase everything about this person; they get one last text.")
@click.option("--block", is_flag=True, help="Leave this number unanswered; what it has open ends.")
@click.option("--unblock", is_flag=True, help="Answer this number again.")
@click.option("--export", is_flag=True, help="All that is held on this person, as JSON.")
def person(phone: str, forget: bool, block: bool, unblock: bool, export: bool) -> None:
    """What is known of the number PHONE, and what the law lets its owner ask."""
    from smsgate import people

    if forget + block + unblock + export > 1:
        raise Wrong("Choose one of --forget, --block, --unblock and --export.")
    with terminal.open_database() as chosen:
        try:
            if export:
                click.echo(json.dumps(people.export(phone), ensure_ascii=False, indent=2))
            elif forget or block or unblock:
                did = Did.FORGET if forget else Did.BLOCK if block else Did.UNBLOCK
                click.echo(people.do(did, phone, chosen.rules(), terminal.who()))
                terminal.ring(chosen)
            else:
                click.echo(people.describe(phone))
        except people.Unknown as unknown:
            raise Wrong(str(unknown)) from None


@main.command()
@click.argument("phone")
@click.argument("place")
@click.argument("need", type=click.Choice([need.value for need in Need]))
@click.option("--words", default="", help="In a few words, for the volunteer.")
@click.option("--language", type=click.Choice(LANGUAGES), help="What they speak; else that of their place.")
@click.option("--name", default="", help="Their first name.")
@click.option("--consented", is_flag=True, help="They agree that a volunteer gets this number.")
@click.option("--no-sms", is_flag=True, help="They read no texts: they are rung instead, as landlines are.")
def ask(phone: str, place: str, need: str, **said: str | bool | None) -> None:
    """Take down a request by telephone: the number PHONE, a postcode or PLACE, and the NEED."""
    from smsgate import asking

    with terminal.open_database() as chosen:
        typed = {"number": phone, "place": place, "need": need} | {
            key: str(value) for key, value in said.items() if value
        }
        click.echo(asking.take_down(typed, chosen, terminal.who()))
        terminal.ring(chosen)


@main.command()
def password() -> None:
    """Make the hash of a password for the operators' page, to be copied into the settings."""
    from smsgate import passwords

    chosen: str = click.prompt("Password for /status", hide_input=True, confirmation_prompt="The same again")
    click.echo(f"password_hash = {passwords.hash_of(chosen)}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def wording(as_json: bool) -> None:
    """Every sentence in every language, with its longest details and its cost; exit 1 if one needs two SMS."""
    from smsgate.wording import all_worded

    too_long = 0
    for said in all_worded():
        too_long += said.sms > 1
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(said), ensure_ascii=False))
        else:
            click.echo(f"{said.language} {said.notice:<24} {said.septets:>3} {said.sms} SMS  {said.text}")
    if too_long:
        raise Wrong(f"{too_long} sentences need more than one SMS: shorten them in keywords/words/*.toml")


@main.command()
def hear() -> None:
    """Understand a line of standard input each: JSON {"text", "open"} or the bare text; prints JSON.

    "open" is the question asked before: offer, confirm, followup or postcode; without it there is none.
    """
    from smsgate.lines import hear_all

    hear_all()
