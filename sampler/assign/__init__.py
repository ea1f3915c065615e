"""Who visits: eligibility and network (model), solving (solve), a checker without a solver (certify)."""
