"""Making cases and sending them, phase by phase; what the answers mean is for the checks to say."""
