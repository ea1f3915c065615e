"""Records to the documents the office works with: workbook, its twins, task sheets."""
