"""Moving servers from one kind of store to another: everything in one file, and out of it again."""
