"""Making the values of cases."""
