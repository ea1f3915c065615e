"""Records to public pages."""
