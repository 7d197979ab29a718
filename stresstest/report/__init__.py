"""What a run showed, for people: tables for the terminal, plots, and one page that holds everything."""
