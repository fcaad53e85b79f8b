"""The three writers of a paper: DOCX, PDF and XLSX."""
