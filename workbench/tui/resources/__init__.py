"""Resources on the screen: which are real, what they reach, what goes wrong with them by order."""
