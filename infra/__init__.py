"""What the system runs on: one SAM template, one image, and a cloud for one's own machine."""
