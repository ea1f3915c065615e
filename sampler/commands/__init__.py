"""The commands, one file a family: parse, one library call, print."""
