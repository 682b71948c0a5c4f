"""What tests are made of: databases, the small world of agencies, offices and users, and rows of files."""
