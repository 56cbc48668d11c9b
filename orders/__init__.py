"""
orders: promises to sell, deliver and refund.

Will own carts, orders, sourcing, fulfilment, payments, returns and promotions.
May import omni, inventory and customers.
"""
