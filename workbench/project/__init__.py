"""What is on disk: functions, workflows, artifacts. Nothing runs here."""
