"""The JSON API under /api/v1: a module a noun, each of operations; what is checked and what is described is one."""
