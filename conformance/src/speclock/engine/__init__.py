"""Running a check: phases make cases, checks judge them, events tell what happened."""
