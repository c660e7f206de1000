"""Small, tested functions behind the notebooks of the NoMAD workbook."""
