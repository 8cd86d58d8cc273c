"""LocalStack without a container: a second engine that the template and the workflow tests run on."""
