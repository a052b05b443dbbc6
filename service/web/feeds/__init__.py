"""What calendars and feed readers fetch, again and again: the same days as on the pages."""
