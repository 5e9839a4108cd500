"""The only room that changes anything: sends the operations of a plan, each exactly once."""
