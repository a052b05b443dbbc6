"""What was reckoned once: the months of three calendars and the instants of the solar terms, as integers."""
