"""What people say and what we say: hearing and wording, in four languages, with no database and no network."""
