"""The DNS records that a sending domain should have, as lines of a zone file, made from what it has."""

from collections.abc import Sequence

from service.mail.dkim import Signer
from service.mail.published import dmarc_record
from service.mail.spf import Address, let_in, parse, spf_records
from service.mail.zone import Answers, Kind, line


def records(domain: str, answers: Answers, signers: Sequence[Signer], senders: Sequence[Address]) -> tuple[str, ...]:
    """Give SPF, DKIM and DMARC; what is sound already stands as it is. `senders` are the relay's public addresses."""
    spf = spf_line(domain, answers, senders)
    at, found = dmarc_record(domain, answers)
    policy = found[0] if len(found) == 1 else f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
    return (spf, *(signer.record_in_zone for signer in signers), line(at, policy))


def spf_line(domain: str, answers: Answers, senders: Sequence[Address]) -> str:
    """Give the SPF record of a domain."""
    return line(domain, _spf(domain, answers, senders))


def _spf(domain: str, answers: Answers, senders: Sequence[Address]) -> str:
    """Keep what all records say but for their ends, and add the relay where it is not let in."""
    found = spf_records(answers.of(domain, Kind.TXT))
    kept: list[str] = []
    for record in found:
        kept += [word for word in record.split()[1:] if _is_kept(word) and word not in kept]
    is_kept = len(found) == 1 and not {"all", "+all"} & set(found[0].lower().split())
    added = [f"ip{one.version}:{one}" for one in senders if not (is_kept and let_in(domain, answers, one))]
    end = next((word for record in found for word in record.split() if word.lower() in {"-all", "~all"}), "~all")
    redirected = [] if len(found) != 1 else [word for word in found[0].split() if word.lower().startswith("redirect=")]
    if redirected and not added:
        return found[0]
    named = [*kept, *(f"include:{word.partition('=')[2]}" for word in redirected), *added]
    return " ".join(["v=spf1", *(dict.fromkeys(named or ["mx"])), end])


def _is_kept(word: str) -> bool:
    try:
        (term,) = parse(f"v=spf1 {word}")
    except ValueError:
        return False
    return term.name not in {"all", "redirect", "ptr"}
