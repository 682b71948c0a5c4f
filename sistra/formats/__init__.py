"""Files that leave the house: tables, workbooks, comma-separated text and printed files. Bytes in, nothing else."""
