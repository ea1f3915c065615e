"""Records to the pages anybody may read."""
