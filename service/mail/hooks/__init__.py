"""What providers post about letters (hooks): who vouches for it, and what it tells, in one module for each."""
