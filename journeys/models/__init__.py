"""What happened over time, one file per noun."""

from journeys.models.campaigns import Campaign, CampaignTarget, Redemption
from journeys.models.figures import SalesDay

__all__ = ["Campaign", "CampaignTarget", "Redemption", "SalesDay"]
