"""What a call is, without input and output: both faces drive it."""
