"""The commands of moderators (`/mod`, message menus) and operators (`/admin`)."""
