"""Transaction users: what a user agent does with requests and responses."""
