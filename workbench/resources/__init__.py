"""The platform's resources, with the real parts they talk to: one file for each class."""
