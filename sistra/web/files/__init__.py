"""The room of files that leave: lists as workbooks, case files as PDF."""
