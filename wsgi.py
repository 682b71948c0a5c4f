"""The application for gunicorn (`gunicorn wsgi:app`) and for commands (`flask --app wsgi ...`)."""
from sistra import create_app

app = create_app()
