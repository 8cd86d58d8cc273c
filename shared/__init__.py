"""What every function and the `eye` command share: domain, storage and services, importing one way only."""
