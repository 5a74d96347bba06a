// Opens GraphiQL on the address that served the page, and shows the first steps in its first tabs.
"use strict";

const LOOK_AROUND = `# The tabs show the first steps; Ctrl-Enter runs one.
# 1. Look around: the sites, and what each mode means.
query LookAround {
  sites(first: 10) {
    nodes {
      id
      name
      mode
      revision
      labeling {
        complete
        primaries
        secondaries
        unlabeled
      }
      coverage {
        cameras
        protected
        pending
        failed
        unprotected
      }
      servers(first: 10) {
        nodes {
          id
          name
          label
          cameraCount
        }
      }
    }
  }
  modeOptions {
    mode
    title
    summary
  }
}
`;

const CREATE_SITE = `# 2. Make a site; its id is the siteId of the next tabs.
mutation CreateSite($input: CreateSiteInput!) {
  createSite(input: $input) {
    ... on SiteCreated {
      site {
        id
        name
      }
    }
    ... on Refused {
      refusals {
        code
        message
        path
      }
    }
  }
}
`;

const REGISTER_SERVERS = `# 3. Register two recorders; write the siteId below.
mutation RegisterServers($input: RegisterServersInput!) {
  registerServers(input: $input) {
    ... on ServersRegistered {
      revision
      servers {
        id
        name
        label
      }
    }
    ... on Refused {
      refusals {
        code
        message
        path
      }
    }
  }
}
`;

const PAIR_SERVERS = `# 4. Pair them: dryRun only tells what would happen.
mutation PairServers($input: PairServersInput!) {
  pairServers(input: $input) {
    ... on ServersPaired {
      dryRun
      planned {
        camerasAdopted
        camerasAdded
        camerasMoved
      }
      mirrored {
        queued
        blocked
        suppressed
      }
    }
    ... on Refused {
      refusals {
        code
        message
        path
      }
    }
  }
}
`;

const WATCH = `# 5. Watch the mirrored actions. Run step 6 meanwhile
# in another window: this page stops one to run another.
subscription Watch($siteId: ID!) {
  mirroredActions(siteId: $siteId, after: 0) {
    ... on MirroredActionBatch {
      position
      actions {
        id
        action
        direction
        status
        because
        targetServer {
          name
        }
        device {
          name
        }
      }
    }
    ... on FeedReset {
      oldest
      current
      message
    }
    ... on Refused {
      refusals {
        code
        message
      }
    }
  }
}
`;

const ADD_CAMERA = `# 6. Add a camera on the primary: the answer says
# what its secondary has to do.
mutation AddCamera($input: AddCameraInput!) {
  addCamera(input: $input) {
    ... on CameraAdded {
      revision
      camera {
        id
        name
        protection
      }
      mirroredAction {
        action
        status
        because
      }
    }
    ... on Refused {
      refusals {
        code
        message
        path
      }
    }
  }
}
`;

const siteId = "the id of the site";
const FIRST_STEPS = [
  [LOOK_AROUND, {}],
  [CREATE_SITE, { input: { name: "My first site" } }],
  [
    REGISTER_SERVERS,
    {
      input: {
        siteId,
        servers: [
          { name: "Store 1", label: "PRIMARY" },
          { name: "Headquarters", label: "SECONDARY" },
        ],
      },
    },
  ],
  [
    PAIR_SERVERS,
    {
      input: {
        siteId,
        pairings: [
          {
            style: "SYMMETRIC",
            primaryIds: ["the id of the primary"],
            secondaryIds: ["the id of the secondary"],
          },
        ],
        dryRun: true,
      },
    },
  ],
  [WATCH, { siteId }],
  [
    ADD_CAMERA,
    {
      input: {
        siteId,
        serverId: "the id of the primary",
        name: "Entrance",
        hardware: { macAddress: "02:00:00:00:00:01", address: "192.0.2.1" },
      },
    },
  ],
].map(([query, variables]) => ({ query, variables: JSON.stringify(variables, null, 2) }));

const endpoint = new URL(window.location.pathname, window.location.origin);
const subscriptions = new URL(endpoint);
subscriptions.protocol = endpoint.protocol.replace("http", "ws");

// A link may bring its own operation: ?query=...&variables=...
const asked = new URLSearchParams(window.location.search);

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: endpoint.href, subscriptionUrl: subscriptions.href }),
    query: asked.get("query") ?? undefined,
    variables: asked.get("variables") ?? undefined,
    defaultTabs: FIRST_STEPS,
    defaultQuery: "",
    defaultEditorToolsVisibility: "variables",
  }),
);
