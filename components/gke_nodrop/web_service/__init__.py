"""`WebService`: the parts of a service put together."""
