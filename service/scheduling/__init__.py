"""Time: which occasions and slots are due, and who is to hear of them."""
