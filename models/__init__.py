"""The risk model: history in, an integer points table and a file of scores out. The draw never imports it."""
