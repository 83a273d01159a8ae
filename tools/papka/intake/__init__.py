"""Platform exports: from cells to proposed entries. Pure."""
