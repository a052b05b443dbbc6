"""Speed as a ratio: each subject beside a named peer, in turn, in the same run (`make bench`)."""
