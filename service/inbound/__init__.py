"""The letter box: mail that arrives is stored before it is answered for, and read after."""
