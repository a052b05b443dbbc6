"""Remembrancer: keeps a record of events, and writes to those who asked to remember them."""
