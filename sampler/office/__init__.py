"""Records to the office's own documents."""
