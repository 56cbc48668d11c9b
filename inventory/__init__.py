"""
inventory: what exists, and where.

Owns the catalogue, prices, the stock ledger, reservations, availability, transfers, counts, channel listings
and the reconciliation of stock across channels. May import omni, and nothing else.
Its words: product, variant (SKU), stock level, movement, reservation, availability (ATP), listing, discrepancy.
"""
