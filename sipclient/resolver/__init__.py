"""From a URI to the addresses that its requests can be sent to."""
