"""The training report: what a library holds, what its photos taught, and by how much it got better."""
