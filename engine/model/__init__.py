"""What is true: requests, jobs, accounts and the rules between them; standard library only, no await."""
