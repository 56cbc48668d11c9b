"""The exceptions that the architecture allows, each with its reason. A line that serves nothing fails a test."""

# Modules that may name other apps as strings.
NAME_OTHER_APPS = {
    "omni/settings.py": "lists the apps, the beat table and the subscribers",
    "omni/urls.py": "puts the apps' pages under their addresses",
    "omni/celery.py": "finds the apps' tasks",
    "omni/navigation.py": "holds the registries of search, palette, scan box and panels",
    "omni/access.py": "holds the one table of roles and their rights in every app",
}

# Files outside the edges that may ask the clock.
CLOCK = {
    "omni/shell.py": "stands around every page and gives all of it one now",
    "omni/jobs.py": "a lease runs on the clock of the worker that holds it, not on business time",
    "omni/demo_shop/shop.py": "stands in for another system, which has a clock of its own",
}

# Models that a view may read unscoped: the same for everybody who works here.
UNSCOPED: dict[str, str] = {
    "Category": "the tree of the catalogue is the same for everybody",
}

# Files that may write although they are no service: the kernel's own machinery, which services call.
WRITERS = {
    "omni/access.py": "seeds the groups of the roles after every migrate",
    "omni/db.py": "adds rows in bulk where a database has no better way",
    "omni/activity.py": "records and relays news",
    "omni/idempotency.py": "keeps keys with their answers",
    "omni/importing/staging.py": "keeps a checked file as rows of its change set, in bulk",
    "omni/jobs.py": "keeps the state of a run",
    "omni/queue.py": "writes the run that a service asks for",
}

# Service and query modules whose noun has no model of its own.
NOUNS: dict[str, str] = {
    "stock_sql": "the statements with which PostgreSQL books a whole file of stock; the noun is stock",
    "reports": "what a channel says of itself by API: becomes a reconciliation, or a reason to read it again",
    "exports": "a file that somebody asked for: its run is a job, its rows are other nouns'",
    "legs": "what programmes report of a transfer, leg by leg; the transfer itself is in .transfers",
    "accounts": "accounts at vendors: their model stands beside the channels that they belong to",
    "movements": "what programmes report, over all verbs that move stock; its rows are the ledger's, in models/stock",
    "health": "how an account is doing, over every call that anybody makes to it",
    "places": "what an account calls our locations and listings: spans accounts, links and listings",
    "exchange": "reads an account's streams: spans sales, answers and snapshots",
    "streams": "where a stream was left and what of it could not be read, for every reader of an account",
    "remote_sales": "a channel's own sales become rows of the ledger; they have no model of their own",
    "memory": "what a channel has for all we know: folds listing events into listing states",
    "answers": "what a channel says to our writes: spans listing states, events and discrepancies",
    "pushing": "tells channels what they should show: spans listings and their states",
    "given_up": "listings whose push was given up: a state of listings, shown beside what was set aside",
    "causes": "the pure table of likely causes of a discrepancy",
    "findings": "writes discrepancies down, for reconciliation and for answers alike",
    "comparing": "one shard of a reconciliation, set-based",
    "snapshots": "reads a channel's picture into the staging table",
    "channels": "how every channel is doing: over the kernel's channels and inventory's listings and counts",
    "discrepancies": "one discrepancy with its evidence: its model stands in reconciliation",
    "integration": "how the exchange is: over accounts, items set aside, listings and jobs",
    "settling": "a person's decision about a discrepancy",
    "ledger": "the one writer and locker of stock, under all services that move it",
    "sales": "sales and returns at a till are rows of the ledger; they have no model of their own",
    "shortages": "what follows when units are gone: spans levels, reservations and discrepancies",
    "availability": "the one formula of what may be promised, over levels, rules and reservations",
    "picture": "what the formula of availability needs of one variant at a time",
    "listing_sql": "the same formula for whole accounts, as one statement in its parts",
    "quarantine": "takes reported movements again that were set aside in the kernel's SetAside rows",
    "integrity": "proves and repairs what holds between levels, movements, reservations and transfers",
    "integrity_sql": "the statements of that proof",
    "order_intake": "many orders at once, over the same promises",
    "intake": "reservations on PostgreSQL, in one statement",
    "promises": "how a reservation is made and closed inside one posting, apart from its public verbs",
    "count_rounds": "chooses which shelves to count; a round is counts, it has no model of its own",
    "search": "answers the search box and the scan box over every noun of the app",
    "categories": "the tree is a noun of the catalogue with rules of its own",
    "images": "pictures come from strangers' files: a noun of the catalogue with dangers of its own",
    "kits": "what a variant is made of: a noun of the catalogue that stock depends on",
    "loading": "loads a data set into many nouns at once",
    "shop_catalogue": "takes a shop's listings, products, prices and stock over in one go",
    "demo_removal": "deletes over every noun there is",
    "demo": "lists and rules of the demo: many nouns at once",
}
