// A module that fails while it is imported.
throw new Error('the database is not there')
