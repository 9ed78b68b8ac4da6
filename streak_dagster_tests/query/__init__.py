"""What a query finds, in every format."""
