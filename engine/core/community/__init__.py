"""Where the people of Discord are served: servers, rights, requests, cards, styles, reports, and their own data."""
