"""What is kept: SQLModel tables, one writer with group commit, reads beside it, and the migrations."""
