"""The functions' image without a container: its file tree, assembled for Amazon Linux and looked over."""
