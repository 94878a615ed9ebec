"""What a developer wants to know about a project's files before anything runs; for any front to show."""
