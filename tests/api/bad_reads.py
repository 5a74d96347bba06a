"""What clients may ask for that cannot be read or followed.

A row: the field as a client writes it, and the answer; `nothing` is null or an empty list. A text that begins with @
stands for an id, or for a cursor, of tests/api/test_bad_input.py.
"""

from typing import TypeAlias

from tests.api.bad_inputs import HEX, LONG, MISSHAPEN

Read: TypeAlias = tuple[str, str]

LISTS = ("servers", "cameras", "pairings", "mirroredActions")
READS: list[Read] = [
    *((f'node(id: "{one}") {{ id }}', "BAD_REQUEST") for one in MISSHAPEN if one.isprintable()),
    *((f'site(id: "{one}") {{ id }}', "BAD_REQUEST") for one in MISSHAPEN if one.isprintable()),
    *(
        (f'node(id: "{one}_{HEX}") {{ id }}', "nothing")
        for one in ("site", "server", "camera", "pairing", "action")
    ),
    *((f'node(id: "{one}_{HEX}") {{ id }}', "nothing") for one in ("change", "epoch")),
    ('site(id: "@p1") { id }', "nothing"),
    ("site { id }", "BAD_REQUEST"),
    ("site(id: 5.5) { id }", "BAD_REQUEST"),
    ("nonsense", "BAD_REQUEST"),
    *(
        (f"sites(first: {one}) {{ nodes {{ id }} }}", "BAD_REQUEST")
        for one in (0, 501, -1, 2**31, 1.5, '"5"', "null")
    ),
    *(
        (f'site(id: "@here") {{ {of}(first: {one}) {{ nodes {{ id }} }} }}', "BAD_REQUEST")
        for of in LISTS
        for one in (0, 501, -1, 2**31)
    ),
    *(
        (f'site(id: "@here") {{ {of}(after: "@cursor of {other}") {{ nodes {{ id }} }} }}', "BAD_REQUEST")
        for of in LISTS
        for other in ("sites", *LISTS)
        if of != other
    ),
    ('sites(after: "@cursor of servers") { nodes { id } }', "BAD_REQUEST"),
    ('node(id: "@p1") { ... on Server { cameras(first: 501) { nodes { id } } } }', "BAD_REQUEST"),
    (
        'node(id: "@p1") { ... on Server { cameras(after: "@cursor of servers") { nodes { id } } } }',
        "BAD_REQUEST",
    ),
    *(
        (f'sites(after: "{one}") {{ nodes {{ id }} }}', "BAD_REQUEST")
        for one in ("", "x", "W10", "bnVsbA", "é", "====")
    ),
    *(
        (f'site(id: "@here") {{ cameras({one}) {{ nodes {{ id }} }} }}', "BAD_REQUEST")
        for one in (
            "serverIds: []",
            'serverIds: ["p1"]',
            "protection: []",
            "protection: [SAFE]",
            "side: LEFT",
            "side: UNLABELED",
            'search: "a\\u0000b"',
            f'search: "{LONG}"',
            'search: "a\\nb"',
            "search: 5",
        )
    ),
    *(
        (f'site(id: "@here") {{ cameras(serverIds: ["{one}"]) {{ nodes {{ id }} }} }}', "nothing")
        for one in ("@m1", "@Door", f"server_{HEX}")
    ),
    *(
        (f'site(id: "@here") {{ servers({one}) {{ nodes {{ id }} }} }}', "BAD_REQUEST")
        for one in ("label: THIRD", 'search: "\\u0007"', f'search: "{LONG}"')
    ),
    *(
        (f'site(id: "@here") {{ mirroredActions(filter: {{{one}}}) {{ nodes {{ id }} }} }}', "BAD_REQUEST")
        for one in (
            "statuses: []",
            "actions: []",
            "directions: []",
            "targetServerIds: []",
            "sourceServerIds: []",
            "cameraIds: []",
            "statuses: [LOST]",
            'targetServerIds: ["s1"]',
            'cameraIds: ["Door"]',
            'changeId: "5"',
            "colour: RED",
        )
    ),
    *(
        (f'site(id: "@here") {{ mirroredActions(filter: {{{one}}}) {{ nodes {{ id }} }} }}', "nothing")
        for one in (
            'targetServerIds: ["@n1"]',
            'cameraIds: ["@Hall"]',
            'changeId: "@here"',
            'sourceServerIds: ["@Door"]',
        )
    ),
]
FEEDS: list[Read] = [
    (f"{feed}({given}) {{ __typename }}", answer)
    for feed in ("mirroredActions", "siteEvents")
    for given, answer in (
        ('siteId: "Here"', "BAD_REQUEST"),
        ("after: 0", "BAD_REQUEST"),
        (f'siteId: "site_{HEX}"', "NOT_FOUND siteId"),
        ('siteId: "@p1"', "NOT_FOUND siteId"),
        *(
            (f'siteId: "@here", batchSize: {one}', "INVALID_INPUT batchSize")
            for one in (0, -1, 1001, 2**31 - 1)
        ),
        *((f'siteId: "@here", batchSize: {one}', "BAD_REQUEST") for one in (2**31, '"5"', "null", 1.5)),
        *((f'siteId: "@here", after: {one}', "BAD_REQUEST") for one in (-1, 2**53, 1.5, '"5"', "true")),
        (f'siteId: "@here", after: {2**53 - 1}', "FeedReset"),
        ('siteId: "@here", epoch: "5"', "BAD_REQUEST"),
        (f'siteId: "@here", after: 0, epoch: "epoch_{HEX}"', "FeedReset"),
        ('siteId: "@here", after: 0, epoch: "@here"', "FeedReset"),
    )
] + [
    ('siteEvents(siteId: "@here", kinds: []) { __typename }', "BAD_REQUEST"),
    ('siteEvents(siteId: "@here", kinds: [PARTY]) { __typename }', "BAD_REQUEST"),
    ('mirroredActions(siteId: "@here", filter: {statuses: []}) { __typename }', "BAD_REQUEST"),
    ('mirroredActions(siteId: "@here", filter: {cameraIds: ["Door"]}) { __typename }', "BAD_REQUEST"),
    ('mirroredActions(siteId: "@here", filter: {statuses: [LOST]}) { __typename }', "BAD_REQUEST"),
]
