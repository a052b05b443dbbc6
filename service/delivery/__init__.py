"""Post: editions rendered, notices claimed, letters handed over, outcomes recorded."""
