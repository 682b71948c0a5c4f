"""Search of people by name or document, without a name in any address."""
