"""What is remembered: people, requests, offers, the texts that came in and the letters we owe."""
