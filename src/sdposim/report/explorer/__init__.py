"""The explorer: one page that trains cells in the reader's browser, with this project's kernel."""
