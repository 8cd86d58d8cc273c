"""Use cases: what functions and the command ask for, over storage and learning."""
