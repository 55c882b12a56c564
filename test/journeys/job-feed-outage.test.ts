import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/app.ts";
import { closeDatabase } from "../support/closed-database.ts";
import { runOnServer } from "../support/database-server.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { rawRequest } from "../support/raw-request.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let feedFolder: string;
let app: TestApp;

beforeAll(async () => {
  feedFolder = await mkdtemp(join(tmpdir(), "job-feed-"));
  app = await startTestApp({ env: { FEED_CACHE_DIR: feedFolder } });
});
afterAll(async () => {
  await app.stop();
  await rm(feedFolder, { recursive: true });
});

/** A feed in which two jobs stand, by its address for Indeed. */
async function aFeed() {
  const journey = new Journey(await app.as({ tenantId: `tenant-${randomUUID()}` }));
  const credentials = [
    { name: "publisher", value: "Muster Bridges" },
    { name: "publisherUrl", value: "https://www.example.test" },
  ];
  const { integration } = await journey.mutate(
    "connectIntegration",
    { provider: "JOB_FEED", credentials },
    "integration { id }",
  );
  const feeds = async (): Promise<Json[]> =>
    dataOf(
      await journey.caller.query(
        `{ integration(id: "${integration.id}") { feeds { dialect url fetches { userAgent fetches } } } }`,
      ),
    ).integration.feeds;
  const indeed = async (): Promise<Json> => (await feeds()).find(({ dialect }) => dialect === "INDEED");
  const post = async (): Promise<string> => {
    const job = {
      externalReference: `REF-${randomUUID().slice(0, 8)}`,
      title: "Service engineer",
      description: `<p>${"You talk with customers, and mend what they show you. ".repeat(3)}</p>`,
      workplaceType: "REMOTE",
      remoteCountries: ["DE"],
      company: { name: "Muster Bridges" },
      applyUrl: "https://careers.example.test/apply/1",
    };
    const input = { jobId: `job-${randomUUID()}`, job, integrationIds: [integration.id] };
    const { results } = await journey.mutate("postJob", input, "results { jobPosting { id } }");
    const { id } = results[0].jobPosting;
    const state = async () =>
      dataOf(await journey.caller.query(`{ jobPosting(id: "${id}") { state } }`)).jobPosting.state;
    await eventually("the posting", state, (found) => found === "SUBMITTED");
    return id;
  };
  const ids = [await post(), await post()];
  return { journey, ids, indeed, url: String((await indeed()).url) };
}

const jobsIn = (text: Buffer) => text.toString().match(/<job>/g)?.length ?? 0;

describe("while the database is down", () => {
  it("a feed is served as it was last, whole, and one that never was is to be asked for again", async () => {
    const { journey, ids, url, indeed } = await aFeed();
    const before = await rawRequest(url, { headers: { "user-agent": "Robot" } });
    const compressed = await rawRequest(url, { headers: { "accept-encoding": "gzip", "user-agent": "Robot" } });
    await eventually("what was written down", indeed, ({ fetches }) => fetches[0]?.fetches === 2);
    const reopen = await closeDatabase(app);

    const meanwhile = await rawRequest(url);
    expect([meanwhile.status, meanwhile.headers.etag, jobsIn(meanwhile.body)]).toEqual([200, before.headers.etag, 2]);
    expect(meanwhile.body.equals(before.body)).toBe(true);
    const again = await rawRequest(url, { headers: { "accept-encoding": "gzip" } });
    expect(again.body.equals(compressed.body)).toBe(true);
    const etag = String(before.headers.etag);
    expect((await rawRequest(url, { headers: { "if-none-match": etag } })).status).toBe(304);
    const never = await rawRequest(url.replace("indeed", "ziprecruiter"));
    expect([never.status, never.headers["retry-after"], jobsIn(never.body)]).toEqual([503, "60", 0]);
    const stranger = await rawRequest(url.replace(/feeds\/.*\//, `feeds/${"x".repeat(43)}/`));
    expect(stranger.status).toBe(503);
    expect((await rawRequest(url.replace("indeed", "jooble"))).status).toBe(404);

    await reopen();
    await eventually(
      "the database",
      () => rawRequest(url.replace("indeed", "ziprecruiter")),
      ({ status }) => status === 200,
    );
    await journey.mutate("closeJobPosting", { id: ids[0] }, "jobPosting { id }");
    expect(jobsIn((await rawRequest(url)).body)).toBe(1);
  });

  it("a process that has just started serves what another one wrote last", async () => {
    const { url } = await aFeed();
    const before = await rawRequest(url);
    const other = await startTestApp({ beside: app, env: { FEED_CACHE_DIR: feedFolder, ROLES: "api" } });
    try {
      const reopen = await closeDatabase(app);
      const meanwhile = await rawRequest(url.replace(new URL(app.url).origin, new URL(other.url).origin));
      expect([meanwhile.status, meanwhile.body.equals(before.body)]).toEqual([200, true]);
      await reopen();
    } finally {
      await other.stop();
    }
  });
});

describe("that somebody fetched a feed", () => {
  it("is lost when it cannot be written down, and they have the feed all the same", async () => {
    const { url, indeed } = await aFeed();
    await rawRequest(url, { headers: { "user-agent": "Robot" } });
    await eventually("what was written down", indeed, ({ fetches }) => fetches.length === 1);
    await runOnServer(app.databaseUrl, "ALTER TABLE job_feed_fetch RENAME TO job_feed_gone");
    try {
      const reply = await rawRequest(url, { headers: { "user-agent": "Robot" } });
      expect([reply.status, jobsIn(reply.body)]).toEqual([200, 2]);
      await eventually(
        "a line in the log",
        async () => app.logLines,
        (lines) => lines.some((line) => line.includes("could not be written down")),
      );
    } finally {
      await runOnServer(app.databaseUrl, "ALTER TABLE job_feed_gone RENAME TO job_feed_fetch");
    }
    expect((await indeed()).fetches).toEqual([{ userAgent: "Robot", fetches: 1 }]);
  });
});
