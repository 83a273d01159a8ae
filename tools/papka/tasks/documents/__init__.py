"""Documents that are issued: made, numbered, and judged again years later."""
