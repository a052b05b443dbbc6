"""The faults that the service must survive (`faults.md`, section B), and what they are made with."""
