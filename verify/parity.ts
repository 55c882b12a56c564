import { setTimeout as sleep } from "node:timers/promises";
import { mustHold, runDrill } from "./drill/drill.ts";
import { show, table } from "./drill/table.ts";
import { CallbackReader } from "./stream/callback-reader.ts";
import { PageReader } from "./stream/page-reader.ts";
import { compare, eventFields, type ReadEvent, type Reader } from "./stream/reader.ts";
import { Site, type Tenancy } from "./stream/site.ts";
import { SocketReader } from "./stream/socket-reader.ts";
import { WebhookReader } from "./stream/webhook-reader.ts";

const howManyCuts = { small: 5, full: 10 };
const fields = eventFields.replace("{ kind id }", "").trim().split(/\s+/);

await runDrill(
  "parity",
  {
    promise: "2 and 3 (one log, four doors, one truth)",
    limitSeconds: { small: 90, full: 1800 },
  },
  async (drill) => {
    const wanted = drill.isSmall ? 1_000 : 10_000;
    const cuts = drill.isSmall ? howManyCuts.small : howManyCuts.full;
    drill.step("a Postgres, two processes of the service, and a reader at each door");
    const callback = await CallbackReader.listen("HTTP callback");
    const webhook = await WebhookReader.listen("webhook");
    const site = await Site.open(drill, 2, [callback.origin]);
    const tenancy = await site.tenancy("tenant");
    const at = (index: number, door: "url" | "wsUrl") => () => site.services[index]?.[door] ?? "";
    const { token } = tenancy;
    callback.reader.follow({ token, url: at(1, "url") });
    webhook.reader.secret = await register(site, tenancy, webhook.url);
    const readers: Reader[] = [
      new SocketReader("WebSocket", { token, url: at(0, "wsUrl") }),
      callback.reader,
      webhook.reader,
      new PageReader("paged query", { token, url: at(0, "url") }),
    ];
    drill.atEnd(() => Promise.all(readers.map((reader) => reader.stop())));

    drill.step(`${show(wanted)} events are written, and readers are cut off ${cuts} times`);
    await write(site, tenancy, readers, { wanted, cuts });
    drill.step("everybody reads to the end");
    const log = await site.log(tenancy);
    while (!readers.every(({ events }) => events.at(-1)?.id === log.at(-1))) await sleep(100);
    return report(readers, log, webhook.reader);
  },
);

/** @returns the secret that it is signed with */
async function register(site: Site, { token }: Tenancy, url: string): Promise<string> {
  const [service] = site.services;
  const query = `mutation ($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) { secret userErrors { message } }
  }`;
  const reply = await fetch(service?.url ?? "", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: { input: { url, ordered: true } } }),
  });
  const { data } = (await reply.json()) as { data: { createWebhookEndpoint: { secret: string } } };
  return data.createWebhookEndpoint.secret;
}

async function write(
  site: Site,
  tenancy: Tenancy,
  readers: readonly Reader[],
  { wanted, cuts }: { readonly wanted: number; readonly cuts: number },
): Promise<void> {
  const { tenantId, integrationId } = tenancy;
  const count = Math.ceil(wanted / cuts / site.services.length);
  for (let round = 0; round < cuts; round += 1) {
    const writing = site.services.map(({ worker }) =>
      worker.ask("write", { tenantId, integrationId, count, inOne: 1 + (round % 7) }),
    );
    // In the middle of it.
    await sleep(20);
    for (const reader of readers) reader.cut();
    await Promise.all(writing);
  }
}

/** What a door tells of an event; the same at every door, or it is not one truth. */
function told(event: ReadEvent): string {
  return JSON.stringify(fields.map((field) => event[field] ?? null));
}

function report(readers: readonly Reader[], log: readonly string[], webhook: WebhookReader): string {
  const [first] = readers;
  const compared = readers.map((reader) => ({
    reader,
    ...compare(reader, log),
    different: reader.events.filter((event, at) => told(event) !== told(first?.events[at] ?? event)).length,
  }));
  const rows = compared.map(({ reader, missing, twice, outOfOrder, different }) => [
    ...[reader.name, log.length, reader.events.length, reader.cuts],
    ...[missing, twice, outOfOrder, different],
  ]);
  const headings = [
    "door",
    "in the log",
    "received",
    "cut off",
    "missing",
    "twice",
    "out of order",
    "told differently",
  ];
  console.log(`\n${table(headings, rows)}`);
  console.log(`\nsent again to the webhook endpoint, which had not answered, and known by its id: ${webhook.again}`);
  const wrong = compared.reduce((sum, one) => sum + one.missing + one.twice + one.outOfOrder + one.different, 0);
  mustHold(wrong === 0, `${wrong} differences between the log and what was read of it`);
  return `${show(log.length)} events at ${readers.length} doors, missing 0, duplicates 0, in order, transcripts identical`;
}
