"""SPF: which hosts may send for a domain, as its record says, and what is wrong with the record (RFC 7208)."""

import ipaddress
import re
from dataclasses import dataclass, field

from service.domain.checkup import Finding, failing, fine, warning
from service.mail.zone import Answers, Kind

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
_MECHANISM = re.compile(
    r"([+?~-]?)([a-z0-9]+)(?::([^/]+(?:/(?!\d)[^/]*)*))?(?:/(\d{1,2}))?(?://(\d{1,3}))?", re.IGNORECASE
)
_NETWORK = re.compile(r"([+?~-]?)(ip4|ip6):(\S+)", re.IGNORECASE)
_NAMED = ("include", "exists")  # which must name a domain
_ASKING = ("include", "a", "mx", "ptr", "exists", "redirect")  # section 4.6.4: what costs a lookup
_LOOKUPS_MOST = 10
_VOID_MOST = 2
_DEEPEST = 10
_NAME = "SPF"


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism with its qualifier, or a modifier, of which only `redirect` is kept."""

    name: str
    value: str = ""
    qualifier: str = "+"
    v4_bits: int = 32
    v6_bits: int = 128


def spf_records(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Give those of a name's TXT records that are SPF (section 4.5)."""
    return tuple(text for text in texts if _RECORD.match(text))


def parse(record: str) -> tuple[Term, ...]:
    """Read a record's terms; raise ValueError that names the one that cannot be read (section 12)."""
    terms = [_term(word) for word in record.split(" ")[1:] if word]
    if [term.name for term in terms].count("redirect") > 1:
        raise ValueError("redirect= stands twice")
    return tuple(term for term in terms if term.name)


def check_spf(domain: str, answers: Answers, senders: tuple[Address, ...], *, is_sure: bool) -> tuple[Finding, ...]:
    """Look at a domain's record, and whether it lets in the addresses of the relay, none if they are not known.

    `is_sure` says whether these are the addresses that receivers will see.
    """
    found = spf_records(answers.of(domain, Kind.TXT))
    if not found:
        return (failing(_NAME, f"{domain} has no SPF record", "publish the record below"),)
    if len(found) > 1:
        remedy = "join them to one record: receivers heed none of several (RFC 7208, section 4.5)"
        return (failing(_NAME, f"{domain} has {len(found)} SPF records: {' | '.join(found)}", remedy),)
    try:
        terms = parse(found[0])
    except ValueError as error:
        return (failing(_NAME, f"{found[0]}: {error}", "correct it: receivers ignore a record with a mistake"),)
    walk = _Walk(answers)
    walk.count(domain, terms)
    end = _check_end(found[0], walk.end(terms))
    ptr = "ptr is slow and ignored by many (RFC 7208, section 5.5)"
    slow = (warning("SPF ptr", ptr, "name the addresses instead"),) if any(term.name == "ptr" for term in terms) else ()
    return (end, *slow, _check_lookups(walk), *_check_senders(walk, domain, senders, is_sure=is_sure))


def let_in(domain: str, answers: Answers, address: Address) -> bool:
    """Say whether the one sound record of a domain lets this address in."""
    return _Walk(answers).result(domain, address) == "+"


def _check_end(record: str, end: str) -> Finding:
    match end:
        case "-" | "~":
            return fine(_NAME, record)
        case "+":
            return failing(_NAME, f"{record}: it lets in everybody", "end it in ~all or -all")
        case _:
            return warning(_NAME, f"{record}: it does not say what the others may", "end it in ~all or -all")


def _check_lookups(walk: "_Walk") -> Finding:
    name, seen = "SPF lookups", f"{walk.lookups} of {_LOOKUPS_MOST} lookups that a receiver makes"
    if walk.wrong:
        return failing(name, "; ".join(walk.wrong), "take out the term, or have that domain mended")
    if walk.lookups > _LOOKUPS_MOST:
        return failing(name, seen, "take out includes that are not needed: beyond ten the record counts as wrong")
    if walk.void > _VOID_MOST:
        return failing(name, f"{walk.void} names in it do not exist", f"take them out: more than {_VOID_MOST} is wrong")
    return fine(name, seen)


def _check_senders(walk: "_Walk", domain: str, senders: tuple[Address, ...], *, is_sure: bool) -> tuple[Finding, ...]:
    name = "SPF relay"
    if not senders:
        return ()
    shut = [str(address) for address in senders if walk.result(domain, address) != "+"]
    if not shut:
        return (fine(name, f"the relay may send: {', '.join(map(str, senders))}"),)
    seen = f"the record does not let in {', '.join(shut)}"
    if is_sure:
        return (failing(name, seen, "add the relay's address, as in the record below"),)
    if not any(address.is_global for address in senders):
        seen = f"the relay is near ({', '.join(shut)}): from which address it sends on cannot be told from here"
        return (warning(name, seen, "see that the record lets in the relay's address as others see it"),)
    doubt = "whether the relay sends on from there cannot be told from here"
    return (warning(name, f"{seen}; {doubt}", "see that the record names what the relay's operator says to include"),)


@dataclass(slots=True)
class _Walk:
    """A way through a record and those that it includes; counts what a receiver would have to ask at most."""

    answers: Answers
    lookups: int = 0
    void: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, domain: str, terms: tuple[Term, ...], path: tuple[str, ...] = ()) -> None:
        """Count the lookups, follow what is included, and note what makes the whole record wrong."""
        for term in terms:
            if term.name not in _ASKING or self.lookups > _LOOKUPS_MOST:
                continue
            self.lookups += 1
            target = term.value or domain
            if "%" in target:  # a macro: what it becomes depends on the letter
                continue
            if term.name in {"include", "redirect"}:
                self._follow(term, target, (*path, domain))
            elif term.name in {"a", "mx"} and not self._hosts(term, target):
                self.void += 1

    def _follow(self, term: Term, target: str, path: tuple[str, ...]) -> None:
        if target.lower() in path:
            self.wrong.append(f"{term.name} of {target} leads in a circle")
            return
        try:
            inner = self._terms(target)
        except ValueError as error:
            self.wrong.append(f"{term.name} of {target}: {error}")
            return
        self.count(target.lower(), inner, path)

    def end(self, terms: tuple[Term, ...], depth: int = 0) -> str:
        """Give the qualifier of what matches everybody, "" if nothing does; `all` goes before `redirect`."""
        for term in terms:
            if term.name == "all":
                return term.qualifier
        for term in terms:
            if term.name == "redirect" and depth < _DEEPEST:
                try:
                    return self.end(self._terms(term.value), depth + 1)
                except ValueError:
                    return ""
        return ""

    def result(self, domain: str, address: Address, depth: int = 0) -> str:
        """Give the qualifier of the first term that matches an address, "" if none does (section 4.6.2)."""
        try:
            terms = self._terms(domain) if depth <= _DEEPEST else ()
        except ValueError:
            return ""
        for term in terms:
            if term.name != "redirect" and self._matches(term, domain, address, depth):
                return term.qualifier
        for term in terms:
            if term.name == "redirect" and "%" not in term.value:
                return self.result(term.value, address, depth + 1)
        return ""

    def _matches(self, term: Term, domain: str, address: Address, depth: int) -> bool:
        target = term.value or domain
        match term.name:
            case "all":
                return True
            case "ip4" | "ip6":
                return address in ipaddress.ip_network(term.value, strict=False)
            case "include" if "%" not in target:
                return self.result(target, address, depth + 1) == "+"
            case "a" | "mx" if "%" not in target:
                bits = term.v4_bits if address.version == 4 else term.v6_bits
                near = ipaddress.ip_network(f"{address}/{bits}", strict=False)
                return any(ipaddress.ip_address(host) in near for host in self._hosts(term, target))
        return False

    def _hosts(self, term: Term, target: str) -> tuple[str, ...]:
        if term.name == "a":
            return self.answers.addresses(target)
        names = [record.split()[-1] for record in self.answers.of(target, Kind.MX)][:_LOOKUPS_MOST]
        return tuple(address for name in names if name != "." for address in self.answers.addresses(name))

    def _terms(self, domain: str) -> tuple[Term, ...]:
        texts = self.answers.of(domain, Kind.TXT)
        found = spf_records(texts)
        if len(found) != 1:
            raise ValueError(f"{domain} has {len(found) or 'no'} SPF record{'s' if found else ''}")
        return parse(found[0])


def _term(word: str) -> Term:
    if found := _MODIFIER.fullmatch(word):
        name, value = found[1].lower(), found[2]
        if name == "redirect" and not value:
            raise ValueError("redirect= names no domain")
        return Term(name, value) if name == "redirect" else Term("")
    if found := _NETWORK.fullmatch(word):
        return _network(found[1] or "+", found[2].lower(), found[3])
    found = _MECHANISM.fullmatch(word)
    if not found or (name := found[2].lower()) not in {"all", "include", "a", "mx", "ptr", "exists"}:
        raise ValueError(f"{word!r} is not a term of SPF")
    if (name in _NAMED and not found[3]) or (name == "all" and word.lower().lstrip("+?~-") != "all"):
        raise ValueError(f"{word!r} is not complete, or says too much")
    v4_bits, v6_bits = int(found[4] or 32), int(found[5] or 128)
    if v4_bits > 32 or v6_bits > 128 or (name not in {"a", "mx"} and (found[4] or found[5])):
        raise ValueError(f"{word!r} has a length of network that cannot be")
    return Term(name, found[3] or "", found[1] or "+", v4_bits, v6_bits)


def _network(qualifier: str, name: str, value: str) -> Term:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{name}:{value} is not an address or a network") from None
    if network.version != int(name[-1]):
        raise ValueError(f"{name}:{value} is of the other version of IP")
    return Term(name, value, qualifier)
