"""`remembrancer doctor`: examining an installation, and saying what mends what is found."""

import ipaddress
from collections.abc import Callable, Coroutine
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from service.cli_common import Json, failing_in_words, print_json, waited_for
from service.domain.checkup import Finding, Grade, Report, failing, is_failing
from service.domain.errors import InvalidError, RemembrancerError
from service.post import house, letter_box, now_utc, signers, warm_up
from service.settings import Settings
from service.settings_read import read_settings

Resolver = tuple[str, int] | None
Examination = Callable[[Settings, Resolver], Coroutine[Any, Any, Report]]
commands = typer.Typer()
_DNS_PORT = 53


@commands.command()
def doctor(
    installed: Annotated[
        bool, typer.Option("--installation", help="Database, version, clock, disk, keys, post, invariants.")
    ] = False,
    mail: Annotated[
        bool, typer.Option("--deliverability", help="Whether letters will be taken: SPF, DKIM, DMARC, MX, names, TLS.")
    ] = False,
    resolver: Annotated[str, typer.Option(help="The DNS server to ask, ADDRESS:PORT; this machine's otherwise.")] = "",
    json: Json = False,
) -> None:
    """Examine the installation: what is fine, what is not, and what to do; everything, unless an option names a part.

    Status 1 if something is failing.
    """
    with failing_in_words():
        server = _server(resolver) if resolver else None
        options = {"--installation": installed, "--deliverability": mail}
        wanted = [option for option, is_wanted in options.items() if is_wanted] or list(_EXAMINATIONS)
        settings = read_settings()
        reports = _reports(settings, server, wanted)
    findings = [finding for report in reports for finding in report.findings]
    records = [record for report in reports for record in report.records]
    days = [day for report in reports for day in report.days]
    if json:
        limits = [{"day": day, "letters": letters} for day, letters in days]
        print_json({"findings": findings, "records": records, "warm_up": limits})
    else:
        _print(findings, records, days)
    if is_failing(findings):
        raise typer.Exit(1)


def _reports(settings: Settings, server: Resolver, options: list[str]) -> list[Report]:
    """Examine what is wanted; what cannot be examined costs nobody what was found before it."""
    reports: list[Report] = []
    for option in options:
        try:
            reports.append(waited_for(_EXAMINATIONS[option](settings, server)))
        except RemembrancerError as error:
            if not reports:
                raise
            told = failing(option.removeprefix("--"), str(error), f"mend it, and ask: remembrancer doctor {option}")
            reports.append(Report((told,)))
    return reports


async def _examine_installation(settings: Settings, _server: Resolver) -> Report:
    from service import soundness  # noqa: PLC0415  (alembic, which no other command needs)

    return await soundness.examine(settings, now_utc)


async def _examine_deliverability(settings: Settings, server: Resolver) -> Report:
    from service import deliverability  # noqa: PLC0415  (a resolver that no other command needs)
    from service.mail.keys import bits_of  # noqa: PLC0415  (as above)

    keys = tuple((signer, bits_of(signer)) for signer in signers(settings))
    relay = settings.smtp_url.get_secret_value()
    domain, box = house(settings).domain, letter_box(settings)
    returns = box.domain if box and box.domain != domain.lower() else ""
    plan, today = warm_up(settings), now_utc().date()
    sending = deliverability.Sending(domain, keys, relay, settings.base_url, today, returns, plan)
    return await deliverability.examine(sending, server)


_EXAMINATIONS: dict[str, Examination] = {
    "--installation": _examine_installation,
    "--deliverability": _examine_deliverability,
}


def _print(findings: list[Finding], records: list[str], days: list[tuple[date, int]]) -> None:
    for one in findings:
        print(f"{one.grade:<8} {one.name}: {one.seen}")
        if one.remedy:
            print(f"{'':<8} -> {one.remedy}")
    counts = ", ".join(f"{sum(one.grade is grade for one in findings)} {grade}" for grade in Grade)
    print(f"\n{counts}.")
    if records:
        print("\nThe records to publish, as a zone file has them:\n")
        print(*records, sep="\n")
    if days:
        print("\nHow many letters may leave on each day (UTC) of the warm-up:\n")
        print(*(f"{day}  {letters:>9,}" for day, letters in days), sep="\n")


def _server(text: str) -> tuple[str, int]:
    """Read ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT."""
    try:
        return str(ipaddress.ip_address(text)), _DNS_PORT
    except ValueError:
        pass
    try:
        parts = urlsplit(f"//{text}")
        return str(ipaddress.ip_address(parts.hostname or "")), parts.port or _DNS_PORT
    except ValueError:
        message = f"{text!r} is not a DNS server (allowed: ADDRESS or ADDRESS:PORT, such as 127.0.0.1:5353)"
        raise InvalidError(message, "--resolver") from None
