"""What an editor is told of a template before it is published: what stops it, and what it is warned of."""

from service.rendering.checks.finding import Check, Severity
from service.rendering.checks.letters import check_source
from service.rendering.checks.proofs import check_proofs

__all__ = ["Check", "Severity", "check_proofs", "check_source"]
