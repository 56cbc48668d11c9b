"""
customers: who they are, what they allow, and how we talk with them.

Will own profiles, identities, consent, preferences, loyalty, messages and conversations.
May import omni, and nothing else.
"""
