"""The pages for residents: report a problem, follow it by its number. Nobody logs in here."""
