"""What everything else is said in: JSON, requests and responses, and the error that all errors are."""
