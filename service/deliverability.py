"""Whether letters of this installation will be taken: DNS and the relay are asked, and what they say is checked.

Nothing is sent: the relay is greeted, TLS begun and ended. What is looked for, and why, stands in `mail.spf` and
`mail.published`.
"""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from service.delivery.lookup import Lookup
from service.delivery.relay import Patience, Relay, RelayError, parse_relay
from service.delivery.smtp import SmtpTransport
from service.domain.checkup import Finding, Report, failing, fine, warning
from service.domain.warm_up import WarmUp
from service.mail import published, to_publish
from service.mail.dkim import Signer
from service.mail.spf import Address, check_spf
from service.mail.zone import Answers, UnansweredError

_PATIENCE = Patience(connect=10, command=10, farewell=2)
_MAIL_PORT = 25  # where hosts speak to hosts: what listens there usually sends on itself (RFC 6409)


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends, by what: the domain of `sender`, its keys with their lengths in bits, and the URLs of the settings.

    `today` is the day of UTC, `returns` the domain that return paths are in, if it is another one, and `warm_up` the
    plan by which a new domain begins.
    """

    domain: str
    signers: tuple[tuple[Signer, int], ...]
    relay_url: str
    public_url: str
    today: date
    returns: str = ""
    warm_up: WarmUp | None = None


async def examine(sending: Sending, resolver: tuple[str, int] | None = None) -> Report:
    """Look at all of it; raise InvalidError for a relay's URL, RemembrancerError where no DNS server answers."""
    relay = parse_relay(sending.relay_url) if sending.relay_url else None
    days = tuple(sending.warm_up.days()) if sending.warm_up else ()
    one_click = published.check_one_click(sending.public_url)
    beside = (*await _check_relay(relay), one_click, *_check_warm_up(sending.warm_up, sending.today))
    if "." not in sending.domain:
        seen = f"letters come from {sending.domain}, which nobody else knows"
        remedy = "set REMEMBRANCER_SENDER to an address of your domain"
        return Report((failing("sender", seen, remedy), *beside), days=days)
    findings, records = await Lookup(resolver).enough_for(lambda answers: _all(sending, relay, answers))
    return Report((*findings, *beside), records, days)


def _all(sending: Sending, relay: Relay | None, answers: Answers) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Run every check over the answers at hand, and give the records to publish."""
    domain, signers = sending.domain, [signer for signer, _ in sending.signers]
    senders = _addresses(relay, answers)
    public = tuple(address for address in senders if address.is_global)
    is_sure = relay is not None and relay.port == _MAIL_PORT and not relay.user and len(public) == len(senders) > 0
    checks: list[tuple[str, Callable[[], Sequence[Finding]]]] = [
        ("SPF", lambda: check_spf(domain, answers, senders, is_sure=is_sure)),
        *((f"DKIM {signer.selector}", partial(_check_dkim, signer, answers, bits)) for signer, bits in sending.signers),
        ("DKIM", lambda: () if signers else (_unsigned(),)),
        ("DMARC", lambda: published.check_dmarc(domain, answers, signers)),
        ("MX", lambda: (published.check_mx(domain, answers),)),
        ("PTR", lambda: published.check_names(senders, answers, is_sure=is_sure)),
    ]
    if sending.returns:  # SPF is about the domain of the return path (RFC 7208, section 2.4), and bounces go there
        checks += [
            ("SPF", lambda: check_spf(sending.returns, answers, senders, is_sure=is_sure)),
            ("MX", lambda: (published.check_mx(sending.returns, answers),)),
        ]
    seen = [list(_checked(name, check)) for name, check in checks]
    if sending.returns:
        seen[-2:] = [[replace(one, name=f"{one.name} of {sending.returns}") for one in found] for found in seen[-2:]]
    findings = tuple(finding for found in seen for finding in found)
    try:
        also = (to_publish.spf_line(sending.returns, answers, public),) if sending.returns else ()
        return findings, (*to_publish.records(domain, answers, signers, public), *also)
    except UnansweredError:  # the check that met it has said so
        return findings, ()


def _checked(name: str, check: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
    """Run a check; that a server did not answer is a finding, and the other checks go on."""
    try:
        return check()
    except UnansweredError as error:
        return (failing(name, str(error), "look after that domain's DNS servers, or try again later"),)


def _check_dkim(signer: Signer, answers: Answers, bits: int) -> tuple[Finding, ...]:
    return (published.check_dkim(signer, answers, bits),)


def _unsigned() -> Finding:
    remedy = "`remembrancer dkim new SELECTOR` makes a key; or see that the relay signs as your domain"
    return warning("DKIM", "no key is set: letters are not signed here", remedy)


def _check_warm_up(plan: WarmUp | None, today: date) -> tuple[Finding, ...]:
    """Say how far the plan by which a new domain begins has come."""
    if plan is None:
        return ()
    limit = plan.limit_on(today)
    if limit is not None:
        beyond = "what exceeds it waits for the next day, and expires if its own is over by then"
        return (fine("warm-up", f"today {limit:,} letters may leave; {beyond}; no limit from {plan.ends_on} on"),)
    if today < plan.first_on:
        remedy = "have it begin before the first letters do"
        return (warning("warm-up", f"it begins on {plan.first_on}; until then any number may leave", remedy),)
    return (fine("warm-up", f"it is over since {plan.ends_on}; REMEMBRANCER_WARM_UP may be removed"),)


def _addresses(relay: Relay | None, answers: Answers) -> tuple[Address, ...]:
    """Give the addresses of the relay, as DNS has them."""
    if relay is None:
        return ()
    try:
        return (ipaddress.ip_address(relay.host),)
    except ValueError:
        pass
    if relay.is_loopback:
        return (ipaddress.ip_address("127.0.0.1"),)
    try:
        return tuple(map(ipaddress.ip_address, answers.addresses(relay.host)))
    except UnansweredError:  # that the relay is not reached is a finding of its own
        return ()


async def _check_relay(relay: Relay | None) -> tuple[Finding, ...]:
    """Greet the relay, begin TLS, and leave; credentials are not given."""
    name = "relay TLS"
    if relay is None:
        return (warning("relay", "no relay is set: letters stay in a folder", "set REMEMBRANCER_SMTP_URL"),)
    at = f"{relay.host}:{relay.port}"
    try:
        await _greet(relay, "required")
    except RelayError as error:
        trouble = error
    else:
        return (fine(name, f"{at} speaks TLS, and its certificate is valid for {relay.host}"),)
    if relay.tls:
        return (failing(name, str(trouble), "have the certificate mended, or correct REMEMBRANCER_SMTP_URL"),)
    try:
        await _greet(relay, "never")
    except RelayError as error:
        return (failing("relay", str(error), "start the relay, or correct REMEMBRANCER_SMTP_URL"),)
    if relay.is_loopback:
        return (warning(name, str(trouble), "as long as the relay is this machine nobody listens; else mend it"),)
    return (failing(name, str(trouble), "have the relay offer STARTTLS with a certificate for its name"),)


async def _greet(relay: Relay, starttls: str) -> None:
    host = f"[{relay.host}]" if ":" in relay.host else relay.host
    url = f"smtps://{host}:{relay.port}" if relay.tls else f"smtp://{host}:{relay.port}?starttls={starttls}"
    connection = await SmtpTransport(url, patience=_PATIENCE).connect()
    await connection.close()
