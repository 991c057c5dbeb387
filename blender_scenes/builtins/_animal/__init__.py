"""What animals are made from."""
