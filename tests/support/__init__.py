"""What tests build with: archives as dictionaries, commands as a person types them."""
