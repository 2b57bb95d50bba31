"""Years of money: a tenant's clock walked day by day, payments of every kind, nonsense and crashes among them."""
