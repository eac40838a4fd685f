"""What a change of a contract breaks: two documents compared by meaning, each difference judged and shown."""
