"""
journeys: what happened over time, and what head office and marketing do about it.

Owns head-office figures and campaigns; touchpoints, maps, pains, goals and surveys come to live here too.
May import every other app; nobody imports it.
Its words: sales day, campaign, reach, redemption.
"""
