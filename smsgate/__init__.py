"""Mutual aid by SMS: from the carrier's call to the answer on a neighbour's phone."""
