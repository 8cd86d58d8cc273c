"""Where things are kept: every object key, the two kinds of store, and the repositories over them."""
