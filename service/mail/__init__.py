"""Bytes: letters composed, headers written, links signed; no sockets, no choice of words."""
