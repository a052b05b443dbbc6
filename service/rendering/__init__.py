"""Words: a template and a context become a subject, a text and an HTML part."""
