"""What was tried: an append-only journal of begins and ends, durable before and after each call."""
