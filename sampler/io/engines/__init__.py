"""Frames too large for memory: Parquet in parts, worked on by any number of processes, resumed where it stopped."""
