"""The five phases and the algebra they share: sums over photos that add, solved in closed form."""
