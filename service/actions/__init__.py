"""What people may do, each within the transaction that it is given."""
