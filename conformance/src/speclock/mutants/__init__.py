"""Mutants of a correct subject: each breaks one promise of the contract, to measure whether that is noticed."""
