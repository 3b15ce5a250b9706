"""What is true of the people of Discord: servers bound to workspaces, members, who may do what, cards, styles, reports.

A Discord member is the requester `discord:<user id>`. Snowflakes are text.
"""
