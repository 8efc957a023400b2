"""A campaign on paper: a poster and an announcement with strips to tear off."""
