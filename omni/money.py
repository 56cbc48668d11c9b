"""Money is an integer of minor units and an ISO 4217 currency; only edges turn it into words."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision


def exponent(currency: str) -> int:
    """Number of decimal places of a currency (2 for USD, 0 for JPY)."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Turn a decimal amount into minor units. Raises ValueError when it has more places than the currency."""
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has more decimal places than {currency}")
    return int(minor)


def to_decimal(minor: int, currency: str) -> Decimal:
    """Turn minor units into a decimal amount."""
    return Decimal(minor).scaleb(-exponent(currency))


def shown(minor: int, currency: str, locale: str) -> str:
    """Return the amount as a reader of ``locale`` (a Babel locale such as ``en`` or ``zh_Hans``) writes it."""
    return format_currency(to_decimal(minor, currency), currency, locale=locale)
