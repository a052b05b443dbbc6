"""Facts about the repository itself: its shape, its sizes, its promises to readers."""
