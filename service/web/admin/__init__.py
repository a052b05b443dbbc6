"""The editors' room: pages for those who write templates and records, and for nobody else."""
