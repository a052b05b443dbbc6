"""The front door: pages that read through the store, change through actions, and answer."""
