"""What is: every user of the enterprise in one frame, with scope and protection decided."""
