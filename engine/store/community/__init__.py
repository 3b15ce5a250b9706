"""How what is known of the people of Discord is written and read."""
