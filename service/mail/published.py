"""What a sending domain publishes beside SPF: DKIM keys, a DMARC policy, where bounces go; and the relay's names."""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import urlsplit

from service.domain.checkup import Finding, failing, fine, warning
from service.mail.dkim import KeyKind, Signer
from service.mail.spf import Address
from service.mail.zone import Answers, Kind, tags

_POLICIES = ("none", "quarantine", "reject")
_OTHER = "the published key is not the public half of the one that signs"
_DMARC_VALUES = {"p": _POLICIES, "sp": _POLICIES, "adkim": ("r", "s"), "aspf": ("r", "s")}


def check_dkim(signer: Signer, answers: Answers, bits: int) -> Finding:
    """Compare the published key of a selector with the one that signs, of `bits` (RFC 6376, section 3.6.1)."""
    name = f"DKIM {signer.selector}"
    found = answers.of(signer.record_name, Kind.TXT)
    publish = f"publish the record of {signer.record_name} below"
    if not found:
        return failing(name, f"nothing is published at {signer.record_name}", publish)
    if len(found) > 1:
        seen = f"{len(found)} records at {signer.record_name}: verifiers may take either"
        return failing(name, seen, "leave only the one below (RFC 6376, section 3.6.2.2)")
    try:
        said = tags(found[0])
        key = base64.b64decode("".join(said["p"].split()), validate=True)
    except KeyError:
        return failing(name, f"{found[0]}: p= is missing", publish)
    except (ValueError, binascii.Error) as error:
        return failing(name, f"{found[0]}: {error}", publish)
    if not key:
        return failing(name, f"the key is revoked: {found[0]}", "publish it again, or sign with a new selector")
    return _check_key(name, signer, said, key, bits)


def _check_key(name: str, signer: Signer, said: dict[str, str], key: bytes, bits: int) -> Finding:
    if wrong := _unfit(signer, said) or ("" if _is_ours(signer, key, bits) else _OTHER):
        return failing(name, wrong, f"publish the record of {signer.record_name} below")
    if "y" in _listed(said.get("t", "")):
        return warning(name, "the key is published for tests (t=y)", "take t=y out: verifiers may ignore it")
    return fine(name, f"{signer.kind} key of {bits} bits, as it signs")


def _unfit(signer: Signer, said: dict[str, str]) -> str:
    """Say which tag keeps verifiers from using the key, "" if none does."""
    if "v" in said and (said["v"] != "DKIM1" or next(iter(said)) != "v"):
        return "v= is not DKIM1, or does not stand first"
    if said.get("k", "rsa") != signer.kind:
        return f"k={said.get('k', 'rsa')} is published, and the key is {signer.kind}"
    if "h" in said and "sha256" not in _listed(said["h"]):
        return f"h={said['h']} leaves out sha256, by which letters are signed"
    if "s" in said and not {"*", "email"} & _listed(said["s"]):
        return f"s={said['s']} is not for mail"
    return ""


def _is_ours(signer: Signer, key: bytes, bits: int) -> bool:
    """Compare keys. RFC 6376 writes an RSA key bare, everybody wraps it: the bare one is the wrapped one's end."""
    is_bare = signer.kind is KeyKind.RSA and len(key) > bits // 8 and signer.public_key.endswith(key)
    return key == signer.public_key or is_bare


def _listed(value: str) -> set[str]:
    return set(value.replace(" ", "").split(":"))


def dmarc_record(domain: str, answers: Answers) -> tuple[str, tuple[str, ...]]:
    """Give the name where a domain's policy stands, its own or that of a domain above, and the records there.

    RFC 7489, section 6.6.3, goes from a domain to its organization's; which one that is, the way up finds.
    """
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        at = f"_dmarc.{'.'.join(labels[start:])}"
        found = tuple(text for text in answers.of(at, Kind.TXT) if text.replace(" ", "").startswith("v=DMARC1"))
        if found:
            return at, found
    return f"_dmarc.{domain}", ()


def check_dmarc(domain: str, answers: Answers, signers: Sequence[Signer]) -> tuple[Finding, ...]:
    """Look at the domain's policy, its tags, its reports, and whether our signatures are of that domain."""
    at, found = dmarc_record(domain, answers)
    name = "DMARC"
    if not found:
        return (failing(name, f"nothing is published at {at}", "publish the record below, to start with"),)
    if len(found) > 1:
        seen = f"{len(found)} records at {at}: receivers heed none of several"
        return (failing(name, seen, "leave one (RFC 7489, section 6.6.3)"),)
    try:
        said = _dmarc_tags(found[0])
    except ValueError as error:
        return (failing(name, f"{found[0]}: {error}", "correct it: receivers ignore a record with a mistake"),)
    inherited = said.get("sp", said["p"]) if at != f"_dmarc.{domain}" else said["p"]
    policy = fine(name, f"{at}: {found[0]} (for {domain}: {inherited})")
    reports = _check_reports(at.removeprefix("_dmarc."), said.get("rua", ""), answers)
    return (policy, *reports, *(_check_alignment(domain, signer, said) for signer in signers))


def _dmarc_tags(record: str) -> dict[str, str]:
    said = tags(record)
    if list(said)[:2] != ["v", "p"]:
        raise ValueError("it does not begin with v=DMARC1; p=")
    for tag, allowed in _DMARC_VALUES.items():
        if tag in said and said[tag].lower() not in allowed:
            raise ValueError(f"{tag}={said[tag]} (allowed: {', '.join(allowed)})")
    if "pct" in said and not (said["pct"].isdecimal() and int(said["pct"]) <= 100):
        raise ValueError(f"pct={said['pct']} (allowed: 0 to 100)")
    for uri in filter(None, said.get("rua", "").split(",")):
        if not uri.strip().lower().startswith("mailto:") or "@" not in uri:
            raise ValueError(f"rua={uri.strip()} (allowed: mailto:ADDRESS)")
    return said


def _check_reports(domain: str, rua: str, answers: Answers) -> tuple[Finding, ...]:
    """Look whether reports are asked for, and whether those of other domains agreed to get them (section 7.1)."""
    name = "DMARC reports"
    if not rua:
        return (warning(name, "nobody gets reports (rua= is missing)", f"add rua=mailto:postmaster@{domain}"),)
    found = []
    for uri in filter(None, rua.split(",")):
        other = uri.strip().rpartition("@")[2].partition("!")[0].lower()
        is_foreign = not (other == domain or other.endswith(f".{domain}") or domain.endswith(f".{other}"))
        at = f"{domain}._report._dmarc.{other}"
        if is_foreign and not any(text.startswith("v=DMARC1") for text in answers.of(at, Kind.TXT)):
            remedy = f'have {other} publish {at} TXT "v=DMARC1", or name an address of {domain}'
            found.append(warning(name, f"{other} has not agreed to get reports of {domain}", remedy))
    return tuple(found) or (fine(name, f"sent to {rua}"),)


def _check_alignment(domain: str, signer: Signer, said: dict[str, str]) -> Finding:
    """Say whether a signature counts for the domain that readers see (section 3.1.1)."""
    name, signs = f"DMARC {signer.selector}", signer.domain
    is_near = signs.endswith(f".{domain}") or domain.endswith(f".{signs}")
    if signs == domain or (is_near and said.get("adkim", "r").lower() == "r"):
        return fine(name, f"signatures of {signs} count for letters from {domain}")
    return failing(name, f"signatures of {signs} do not count for letters from {domain}", "sign as the same domain")


def check_mx(domain: str, answers: Answers) -> Finding:
    """Say whether bounces can arrive: where mail for the domain goes (RFC 5321, section 5.1; RFC 7505)."""
    name, found = "MX", answers.of(domain, Kind.MX)
    hosts = [record.split()[-1] for record in found]
    if "." in hosts:
        seen = f"{domain} says that it takes no mail (null MX): bounces are lost, and many refuse its letters"
        return failing(name, seen, "name a host that takes its mail")
    if not hosts and answers.addresses(domain):
        return warning(name, f"{domain} has no MX, only an address", "name the host that takes its mail as its MX")
    if not hosts:
        return failing(name, f"{domain} has neither MX nor address: bounces are lost", "publish an MX record")
    lost = [host for host in hosts if not answers.addresses(host)]
    if len(lost) == len(hosts):
        return failing(name, f"{', '.join(lost)}: no address", "name a host that has one")
    if lost:
        return warning(name, f"{', '.join(lost)}: no address", "take it out, or give it one")
    return fine(name, ", ".join(found))


def check_names(addresses: Sequence[Address], answers: Answers, *, is_sure: bool) -> tuple[Finding, ...]:
    """Look at the names of the relay's addresses, and whether the names lead back (RFC 1912, section 2.1)."""
    findings = []
    for address in addresses:
        name = f"PTR {address}"
        hosts = answers.of(address.reverse_pointer, Kind.PTR)
        back = [host for host in hosts if str(address) in answers.addresses(host)]
        if back:
            findings.append(fine(name, f"{back[0]}, which leads back"))
            continue
        seen = f"{', '.join(hosts)} does not lead back" if hosts else "the address has no name"
        remedy = "have the owner of the address name it, and give that name the address"
        if not address.is_global:
            seen = "the relay is near: the name of the address from which it sends on cannot be told from here"
            findings.append(warning(name, seen, "see that the relay's address as others see it has a name"))
            continue
        doubt = "; if the relay sends on from others, those count"
        findings.append(failing(name, seen, remedy) if is_sure else warning(name, seen + doubt, remedy))
    return tuple(findings)


def check_one_click(public_url: str) -> Finding:
    """Say whether mailbox programs can reach the address of one-click unsubscription (RFC 8058, section 3.1)."""
    name, parts = "one-click", urlsplit(public_url)
    host = parts.hostname or ""
    remedy = "set REMEMBRANCER_PUBLIC_URL to the https:// address under which readers reach the pages"
    if host == "localhost" or host.endswith(".localhost") or host == "::1" or host.startswith("127."):
        return failing(name, f"{public_url} is reached on this machine alone", remedy)
    if parts.scheme != "https":
        return failing(name, f"{public_url} is not https, which RFC 8058 asks for", remedy)
    return fine(name, public_url)
