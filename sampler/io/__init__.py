"""Where the program meets the world: files, keys, clock, entropy, the store."""
