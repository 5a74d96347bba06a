// Live counts of a site's mirrored actions by status: node dashboard.mjs http://HOST:PORT/graphql SITE_ID
//
// A snapshot first, page by page, then the stream after the first page's revision. When the connection goes it
// resumes after its position, at whatever replica answers; after a FeedReset it takes the snapshot anew. graphql-ws
// can retry by itself, but it would repeat the first `after`: so retries are off, and each try here is a new one.
import { createClient } from "graphql-ws";

const WebSocket = globalThis.WebSocket ?? (await import("ws")).default;
const STATUSES = ["QUEUED", "BLOCKED", "FAILED", "APPLIED", "ABANDONED", "SUPERSEDED", "SUPPRESSED"];
const SILENCE = 100_000; // milliseconds: an empty batch comes every 30 s
const LONGEST_PAUSE = 30_000;
const SNAPSHOT = `query ($siteId: ID!, $cursor: String) { site(id: $siteId) {
  revision epoch
  mirroredActions(first: 500, after: $cursor) { pageInfo { hasNextPage endCursor } nodes { id status position } }
} }`;
const FOLLOW = `subscription ($siteId: ID!, $after: Revision!, $epoch: ID!) {
  feed: mirroredActions(siteId: $siteId, after: $after, epoch: $epoch, batchSize: 1000) {
    __typename
    ... on MirroredActionBatch { position actions { id status position } }
    ... on FeedReset { message }
    ... on Refused { refusals { message } }
  }
}`;

const [url, siteId] = process.argv.slice(2);
const client = createClient({ url: url.replace(/^http/, "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
let state = null; // { epoch, position, actions: id -> { status, position } }

async function ask(query, variables) {
  const headers = { "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(60_000);
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }), signal });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors.map((error) => error.message).join(" "));
  return data;
}

async function snapshot() {
  let first, page, cursor;
  const actions = new Map();
  do {
    const { site } = await ask(SNAPSHOT, { siteId, cursor });
    if (!site) stop("There is no such site (any more).");
    first ??= site;
    page = site.mirroredActions;
    for (const action of page.nodes) actions.set(action.id, action);
    cursor = page.pageInfo.endCursor;
  } while (page.pageInfo.hasNextPage);
  return { epoch: first.epoch, position: first.revision, actions };
}

async function follow() {
  const variables = { siteId, after: state.position, epoch: state.epoch };
  const silence = setTimeout(() => client.terminate(), SILENCE);
  try {
    for await (const { data, errors } of client.iterate({ query: FOLLOW, variables })) {
      if (errors) throw new Error(errors.map((error) => error.message).join(" "));
      const { feed } = data;
      if (feed.__typename === "Refused") stop(feed.refusals.map((refusal) => refusal.message).join(" "));
      if (feed.__typename === "FeedReset") state = null;
      if (!state) return; // and begin again with a snapshot
      // Later pages of the snapshot may know more of an action than this batch does.
      for (const action of feed.actions)
        if (action.position > (state.actions.get(action.id)?.position ?? 0)) state.actions.set(action.id, action);
      state.position = feed.position;
      failures = 0;
      silence.refresh();
      show();
    }
  } finally {
    clearTimeout(silence);
  }
}

let shown;
function show() {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  for (const { status } of state.actions.values()) counts[status] += 1;
  const line = STATUSES.map((status) => `${status} ${counts[status]}`).join("  ") + `  at ${state.position}`;
  if (line === shown) return;
  process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  shown = line;
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

let failures = 0;
for (;;) {
  try {
    state ??= await snapshot();
    await follow();
  } catch (error) {
    // The client throws the socket's close event, or the list of the operation's errors.
    const said = [error].flat().map((one) => one.message ?? one.reason ?? one.code);
    console.error(`${process.stderr.isTTY ? "\n" : ""}Again: ${said.join(" ")}`);
  }
  failures += 1;
  const longest = Math.min(LONGEST_PAUSE, 125 * 2 ** failures);
  await new Promise((resume) => setTimeout(resume, longest * (0.5 + Math.random() / 2)));
}
