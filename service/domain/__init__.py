"""What a commemoration is: pure values and functions, without I/O, a clock or SQL."""
