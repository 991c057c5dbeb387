"""What a built-in person is made of."""
