"""The forms that offices file: DOCX, PDF and XLSX."""
