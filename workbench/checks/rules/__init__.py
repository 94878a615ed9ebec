"""What is looked for: one idea a file."""
