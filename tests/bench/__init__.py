"""How fast the heavy work is, beside the fastest the database could do the same (`make bench`)."""
