"""Keeps the tests on this machine: Python's sockets connect to loopback and to files, and nowhere else."""

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest


class AwayFromHomeError(RuntimeError):
    """A test tried to reach another machine. Not an OSError, so that no retry swallows it."""


@contextmanager
def only_this_machine() -> Iterator[None]:
    """Refuse other machines until the end; the names under .invalid and .test do not exist, without asking anybody."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


def _guarded(method: Callable[..., object]) -> Callable[..., object]:
    def guarded(self: socket.socket, *arguments: object) -> object:
        address = arguments[-1]
        if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple) and not _here(address[0]):
            raise AwayFromHomeError(f"A test may not connect to {address}.")
        return method(self, *arguments)

    return guarded


def _guarded_lookup(lookup: Callable[..., object]) -> Callable[..., object]:
    def guarded(host: object, *arguments: object, **options: object) -> object:
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and name.rstrip(".").endswith((".invalid", ".test")):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if not _here(name):
            raise AwayFromHomeError(f"A test may not look up {name}.")
        return lookup(host, *arguments, **options)

    return guarded


def _here(host: object) -> bool:
    if host in {None, "", "localhost", socket.gethostname()}:
        return True
    if host == urlsplit(os.environ.get("TEST_DATABASE_URL", "")).hostname:
        return True
    try:
        address = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
