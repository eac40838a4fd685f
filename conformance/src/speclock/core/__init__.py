"""What the harness talks about: contracts, rules, cases, findings, profiles. No I/O beyond reading files."""
