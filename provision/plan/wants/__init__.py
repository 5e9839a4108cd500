"""What people want beside attributes: other logins, further addresses."""
