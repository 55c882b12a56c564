import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readXml } from "../../sandbox/xml-reader.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { runOnServer } from "../support/database-server.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { MovableTime } from "../support/movable-time.ts";
import { rawRequest } from "../support/raw-request.ts";
import { faultsIn, xmllintIsInstalled } from "../support/xmllint.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const dayMs = 86_400_000;
const time = new MovableTime({ advance: () => {} });
const statements: string[] = [];
let feedFolder: string;
let app: TestApp;

beforeAll(async () => {
  feedFolder = await mkdtemp(join(tmpdir(), "job-feed-"));
  app = await startTestApp({
    now: time.now,
    env: { FEED_CACHE_DIR: feedFolder },
    onStatement: (sql) => statements.push(sql),
  });
  await time.follow(app);
});
afterAll(async () => {
  await time.stop();
  await app.stop();
  await rm(feedFolder, { recursive: true });
});

const postingFields = `id route state operation jobVersion versionSent expiresAt closedAt problem { code }
  liveStatus { status checkedAt } applyLink { url clicks } approval { state } jsonLd`;
const feedFields = `dialect url missing fetches { userAgent firstFetchedAt lastFetchedAt fetches jobs etag }`;

function aJob(changes: Record<string, unknown> = {}) {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    title: "Service engineer",
    description: `<p>${"You talk with customers, and mend what they show you. ".repeat(3)}</p>`,
    employmentType: "FULL_TIME",
    workplaceType: "ON_SITE",
    location: { city: "Austin", region: "TX", postalCode: "78701", country: "US" },
    company: { name: "Muster & Söhne" },
    applyUrl: "https://careers.example.test/apply/1",
    contactEmail: "jobs@example.test",
    ...changes,
  };
}

/** A company with feeds, and with people of its own: Ana posts, and Bo approves. */
async function aPublisher(entered: Record<string, string> = {}, tenantId = `tenant-${randomUUID()}`) {
  const journey = new Journey(await app.as({ tenantId, userId: "ana" }));
  const bo = new Journey(await app.as({ tenantId, userId: "bo" }));
  const values = { publisher: "Muster Bridges", publisherUrl: "https://www.example.test", ...entered };
  const credentials = Object.entries(values).map(([name, value]) => ({ name, value }));
  const connect = (): Promise<Json> =>
    journey.mutate(
      "connectIntegration",
      { provider: "JOB_FEED", credentials },
      "integration { id status accountName }",
    );
  const connected = await connect();
  const { id: integrationId } = connected.integration;
  const query = async (text: string, by = journey): Promise<Json> => dataOf(await by.caller.query(text));
  const feeds = async (by = journey): Promise<Json[]> =>
    (await query(`{ integration(id: "${integrationId}") { feeds { ${feedFields} } } }`, by)).integration.feeds;
  const urls = Object.fromEntries((await feeds()).map(({ dialect, url }: Json) => [dialect, url]));
  const url = (dialect = "INDEED"): string => urls[dialect];
  const posting = async (id: string): Promise<Json> =>
    (await query(`{ jobPosting(id: "${id}") { ${postingFields} } }`)).jobPosting;
  const until = (id: string, state: string): Promise<Json> =>
    eventually(
      `a posting that is ${state}`,
      () => posting(id),
      (one) => one.state === state && one.operation === null,
    );
  const mutate = (name: string, input: Record<string, unknown>, by = journey): Promise<Json> =>
    by.mutate(name, input, `jobPosting { ${postingFields} }`);
  const post = async (job: Record<string, unknown>): Promise<Json> => {
    const input = { jobId: `job-${randomUUID()}`, job, integrationIds: [integrationId] };
    const selection = `results { jobPosting { ${postingFields} } userErrors { code field } }`;
    const { results } = await journey.mutate("postJob", input, selection);
    return results[0];
  };
  const standing = async (job = aJob()): Promise<Json> => {
    const { jobPosting } = await post(job);
    await until(jobPosting.id, "SUBMITTED");
    return { id: jobPosting.id, job };
  };
  return {
    tenantId,
    journey,
    bo,
    connect,
    connected,
    integrationId,
    feeds,
    url,
    posting,
    until,
    mutate,
    post,
    standing,
  };
}

/** What a reader finds at an address. */
async function read(url: string, headers: Record<string, string> = {}) {
  const { status, headers: answered, body } = await rawRequest(url, { headers });
  const text = body.toString("utf8");
  const jobs = status === 200 ? readXml(text).children.filter(({ name }) => name === "job") : [];
  const textsOf = (name: string) =>
    jobs.map(({ children }) => children.find((child) => child.name === name)?.text ?? null);
  return { status, headers: answered, text, jobs, textsOf };
}

describe("connecting a feed", () => {
  it("gives an address for each kind of reader, which nobody can guess", async () => {
    const { connected, feeds } = await aPublisher({ linkedInCompanyId: "4711" });
    expect(connected).toMatchObject({
      integration: { status: "ACTIVE", accountName: "Muster Bridges" },
      userErrors: [],
    });
    const all = await feeds();
    expect(all.map(({ dialect }) => dialect)).toEqual(["GENERIC", "INDEED", "LINKEDIN", "MONSTER", "ZIPRECRUITER"]);
    for (const { dialect, url, missing, fetches } of all) {
      expect(url).toMatch(new RegExp(`/feeds/[\\w-]{43}/${dialect.toLowerCase()}\\.xml$`));
      expect([missing, fetches]).toEqual([null, []]);
    }
  });

  it("gives none for LinkedIn before the company's number is known", async () => {
    const { feeds, journey, integrationId, url } = await aPublisher();
    const linkedIn = async () => (await feeds()).find(({ dialect }) => dialect === "LINKEDIN");
    expect(await linkedIn()).toMatchObject({ url: null, missing: expect.stringContaining("linkedInCompanyId") });
    const address = url().replace("indeed", "linkedin");
    expect((await read(address)).status).toBe(404);
    const credentials = [
      { name: "publisher", value: "Muster Bridges" },
      { name: "publisherUrl", value: "https://www.example.test" },
      { name: "linkedInCompanyId", value: "4711" },
    ];
    await journey.mutate("reconnectIntegration", { id: integrationId, credentials }, "integration { id }");
    expect(await linkedIn()).toMatchObject({ url: address, missing: null });
    expect((await read(address)).status).toBe(200);
  });

  it("shows the addresses to whoever may change the integration, and to nobody else", async () => {
    const { tenantId, integrationId, feeds } = await aPublisher();
    const scopes = ["integrations:read", "jobs:read", "jobs:write", "tenant:admin"];
    expect(await feeds(new Journey(await app.as({ tenantId, userId: "cy", scopes })))).toEqual([]);
    const stranger = await app.as({ tenantId: `tenant-${randomUUID()}` });
    const asked = `{ integration(id: "${integrationId}") { feeds { url } } }`;
    expect(dataOf(await stranger.query(asked))).toEqual({ integration: null });
  });

  it("says what readers can do, and that nobody is called", async () => {
    const query = "{ providers(kind: JOB_BOARD) { id availability capabilities } }";
    const { providers } = dataOf(await (await app.as()).query(query));
    expect(providers.find(({ id }: Json) => id === "JOB_FEED")).toMatchObject({
      availability: "READY",
      capabilities: ["POST_JOBS", "UPDATE_POSTINGS", "CLOSE_POSTINGS", "REOPEN_POSTINGS", "HOST_FEEDS"],
    });
  });
});

describe("a job that is posted to a feed", () => {
  it("stands in it at once, and nobody says that candidates see it", async () => {
    const { post, until, url } = await aPublisher({ sourceName: "bridges" });
    const job = aJob();
    const { jobPosting } = await post(job);
    expect(jobPosting).toMatchObject({ route: "FEED", state: "QUEUED" });
    expect(await until(jobPosting.id, "SUBMITTED")).toMatchObject({
      versionSent: 1,
      liveStatus: { status: "UNKNOWN", checkedAt: null },
    });
    const { status, headers, textsOf } = await read(url());
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/xml; charset=utf-8");
    expect(textsOf("referencenumber")).toEqual([job.externalReference]);
    expect(textsOf("company")).toEqual(["Muster & Söhne"]);
    expect(textsOf("sourcename")).toEqual(["bridges"]);
  });

  it.skipIf(!xmllintIsInstalled)("stands in each feed as its reader wants it, says libxml2", async () => {
    const { standing, feeds } = await aPublisher({ linkedInCompanyId: "4711" });
    await standing();
    await standing(aJob({ alternateLocations: [{ city: "Berlin", region: "Berlin", country: "DE" }] }));
    for (const { dialect, url } of await feeds()) {
      const { text, jobs } = await read(url);
      expect(faultsIn(text, dialect.toLowerCase())).toBe("");
      expect(jobs).toHaveLength(dialect === "GENERIC" ? 2 : 3);
    }
  });

  it("leads candidates on with the reader as their source, and counts them", async () => {
    const { standing, url, posting } = await aPublisher();
    const { id } = await standing();
    const [link] = (await read(url())).textsOf("url");
    const reply = await rawRequest(String(link));
    expect([reply.status, reply.headers.location]).toEqual([
      302,
      "https://careers.example.test/apply/1?utm_source=indeed",
    ]);
    const own = await rawRequest(String(link).replace("from=indeed", "from=somebody"));
    expect(own.headers.location).toBe("https://careers.example.test/apply/1?utm_source=job-feed");
    expect((await posting(id)).applyLink.clicks).toBe(2);
  });

  it("is changed in it, under the same reference", async () => {
    const { standing, url, mutate, posting } = await aPublisher();
    const { id, job } = await standing();
    const before = await read(url());
    await mutate("updateJobPosting", { id, job: { ...job, title: "Senior engineer" } });
    await eventually(
      "the change",
      () => posting(id),
      ({ versionSent }) => versionSent === 2,
    );
    const after = await read(url());
    expect(after.textsOf("title")).toEqual(["Senior engineer"]);
    expect(after.textsOf("referencenumber")).toEqual(before.textsOf("referencenumber"));
    expect(after.headers.etag).not.toBe(before.headers.etag);
  });

  it("is missing once it is closed, while all others stay; and is there once it is opened again", async () => {
    const { standing, url, mutate, until } = await aPublisher();
    const [first, second] = [await standing(), await standing()];
    await mutate("closeJobPosting", { id: first.id });
    expect((await read(url())).textsOf("referencenumber")).toEqual([second.job.externalReference]);
    expect(await until(first.id, "CLOSED")).toMatchObject({ liveStatus: { status: "UNKNOWN" } });
    expect((await read(url())).textsOf("referencenumber")).toEqual([second.job.externalReference]);
    await mutate("reopenJobPosting", { id: first.id });
    await until(first.id, "SUBMITTED");
    expect((await read(url())).textsOf("referencenumber")).toHaveLength(2);
  });

  it("is missing as soon as its time is over, whether or not a task has closed it", async () => {
    const { standing, url, until } = await aPublisher();
    const expiresAt = new Date(time.now().getTime() + 3 * dayMs).toISOString();
    const { id } = await standing(aJob({ expiresAt }));
    const { id: other } = await standing(aJob({ expiresAt }));
    expect((await read(url())).jobs).toHaveLength(2);
    // One whose task got lost.
    await runOnServer(app.databaseUrl, `DELETE FROM pgboss.job WHERE singleton_key = '${other}'`);
    await time.pass(4 * dayMs);
    expect((await read(url())).jobs).toHaveLength(0);
    expect(await until(id, "EXPIRED")).toMatchObject({ liveStatus: { status: "UNKNOWN" } });
    expect((await read(url())).jobs).toHaveLength(0);
  });

  it("is LIVE by somebody's word, which holds until it is off", async () => {
    const { standing, mutate, posting, until } = await aPublisher();
    const { id, job } = await standing();
    const { jobPosting } = await mutate("confirmJobPosting", { id, url: "https://www.example.test/jobs/1" });
    expect(jobPosting).toMatchObject({ state: "LIVE", liveStatus: { status: "LIVE", checkedAt: expect.any(String) } });
    await mutate("updateJobPosting", { id, job: { ...job, title: "Senior engineer" } });
    const changed = await eventually(
      "the change",
      () => posting(id),
      ({ versionSent }) => versionSent === 2,
    );
    expect(changed).toMatchObject({ state: "LIVE", liveStatus: { status: "LIVE" } });
    await mutate("closeJobPosting", { id });
    expect(await until(id, "CLOSED")).toMatchObject({ liveStatus: { status: "UNKNOWN", checkedAt: null } });
  });

  it("waits for approval where the tenant wants that, and stands there as it was while a change waits", async () => {
    const { journey, bo, integrationId, post, until, mutate, url, posting } = await aPublisher();
    await journey.mutate("updateIntegration", { id: integrationId, postingApproval: "ALWAYS" }, "integration { id }");
    const job = aJob();
    const { jobPosting } = await post(job);
    expect(jobPosting).toMatchObject({ state: "PENDING_APPROVAL", jsonLd: null });
    expect((await read(url())).jobs).toHaveLength(0);
    await mutate("approveJobPosting", { id: jobPosting.id }, bo);
    await until(jobPosting.id, "SUBMITTED");
    const promotion = { type: "BOOST", budget: { amount: "100", currency: "USD" } };
    await mutate("updateJobPosting", { id: jobPosting.id, job: { ...job, title: "Senior engineer", promotion } });
    expect(await posting(jobPosting.id)).toMatchObject({
      jobVersion: 2,
      versionSent: 1,
      approval: { state: "PENDING" },
    });
    expect((await read(url())).textsOf("title")).toEqual(["Service engineer"]);
    await mutate("approveJobPosting", { id: jobPosting.id }, bo);
    await eventually(
      "the change",
      async () => (await read(url())).textsOf("title"),
      ([title]) => title === "Senior engineer",
    );
  });

  it("is refused where some reader would not take it", async () => {
    const { post } = await aPublisher();
    const { jobPosting, userErrors } = await post(
      aJob({ location: { city: "Austin", country: "US" }, applyUrl: null, applyMethod: "BOARD_NATIVE" }),
    );
    expect(jobPosting).toBeNull();
    expect(userErrors).toMatchObject([
      { code: "INVALID_INPUT", field: ["input", "job", "applyUrl"] },
      { code: "INVALID_INPUT", field: ["input", "job", "location"] },
    ]);
  });

  it("has what its own page says to Google for Jobs, until nobody can apply", async () => {
    const { standing, posting, mutate } = await aPublisher();
    const { id, job } = await standing();
    expect((await posting(id)).jsonLd).toMatchObject({
      "@type": "JobPosting",
      identifier: { value: job.externalReference },
    });
    expect((await mutate("closeJobPosting", { id })).jobPosting.jsonLd).toBeNull();
  });
});

describe("a feed", () => {
  it("holds the jobs of its integration, and no others of this tenant or another", async () => {
    const ours = await aPublisher();
    const second = await aPublisher({ sourceName: "second" }, ours.tenantId);
    const theirs = await aPublisher();
    const jobs = [await ours.standing(), await second.standing(), await theirs.standing()];
    const found = [await read(ours.url()), await read(second.url()), await read(theirs.url())];
    expect(found.map(({ textsOf }) => textsOf("referencenumber"))).toEqual(
      jobs.map(({ job }) => [job.externalReference]),
    );
    expect(new Set([ours.url(), second.url(), theirs.url()]).size).toBe(3);
  });

  it("is not found at other addresses, and all of those are alike", async () => {
    const { url, integrationId } = await aPublisher();
    const base = new URL("/", url()).href;
    const none = await rawRequest(`${base}nothing/here`);
    for (const path of [
      `feeds/${"x".repeat(43)}/indeed.xml`,
      `feeds/${integrationId}/indeed.xml`,
      "feeds/..%2f..%2fetc/indeed.xml",
      url().replace(base, "").replace("indeed", "jooble"),
      url().replace(base, "").replace("indeed", "constructor"),
      url().replace(base, "").replace("indeed", "linkedin"),
      url().replace(base, "").replace("indeed.xml", "indeed"),
    ]) {
      const { status, body } = await rawRequest(`${base}${path}`);
      expect([status, body.toString()]).toEqual([404, none.body.toString()]);
    }
  });

  it("is gone with its integration, and is there again when that is connected again", async () => {
    const { standing, url, journey, integrationId, connect, feeds } = await aPublisher();
    await standing();
    expect((await read(url())).status).toBe(200);
    await journey.disconnect(integrationId);
    expect((await read(url())).status).toBe(404);
    expect(await feeds()).toEqual([]);
    expect((await connect()).integration).toMatchObject({ id: integrationId, status: "ACTIVE" });
    expect((await read(url())).jobs).toHaveLength(1);
  });

  it("is not sent again to whoever has it, by its name or by its time", async () => {
    const { standing, url } = await aPublisher();
    await standing();
    const { headers } = await read(url());
    const { etag = "", "last-modified": lastModified = "" } = headers;
    expect(etag).toMatch(/^"[\w-]{32}"$/);
    const ask = (given: Record<string, string>) => rawRequest(url(), { headers: given });
    for (const given of [etag, `W/${etag}`, `"other", ${etag}`, "*", etag.replace(/"$/, '-gzip"')]) {
      const reply = await ask({ "if-none-match": given });
      expect([reply.status, reply.headers.etag, reply.body.length]).toEqual([304, etag, 0]);
    }
    expect((await ask({ "if-none-match": '"other"', "if-modified-since": lastModified })).status).toBe(200);
    expect((await ask({ "if-modified-since": lastModified })).status).toBe(304);
    expect((await ask({ "if-modified-since": new Date(Date.parse(lastModified) - 1000).toUTCString() })).status).toBe(
      200,
    );
    expect((await ask({ "if-modified-since": "nonsense" })).status).toBe(200);
    await standing();
    expect((await ask({ "if-none-match": etag })).status).toBe(200);
    expect((await ask({ "if-modified-since": lastModified })).status).toBe(200);
  });

  it("is sent compressed to whoever takes that, under a name of its own", async () => {
    const { standing, url } = await aPublisher();
    await standing();
    const plain = await rawRequest(url());
    const gzipped = await rawRequest(url(), { headers: { "accept-encoding": "br, gzip;q=0.5" } });
    expect(gzipped.headers).toMatchObject({
      "content-encoding": "gzip",
      "content-type": "application/xml; charset=utf-8",
      vary: expect.stringMatching(/accept-encoding/i),
    });
    expect(gunzipSync(gzipped.body).equals(plain.body)).toBe(true);
    expect(gzipped.headers.etag).not.toBe(plain.headers.etag);
    const refused = await rawRequest(url(), { headers: { "accept-encoding": "gzip;q=0" } });
    expect(refused.headers["content-encoding"]).toBeUndefined();
  });

  it("is told of without being sent, when only that is asked", async () => {
    const { standing, url } = await aPublisher();
    await standing();
    const whole = await rawRequest(url());
    const head = await rawRequest(url(), { method: "HEAD" });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    for (const name of ["etag", "content-length", "content-type", "last-modified"]) {
      expect(head.headers[name]).toBe(whole.headers[name]);
    }
    expect(Number(head.headers["content-length"])).toBe(whole.body.length);
  });

  it("that holds a job which cannot be written stays as it was, and is never shorter", async () => {
    const { standing, url } = await aPublisher();
    await standing();
    const before = await read(url());
    const { id } = await standing();
    await runOnServer(
      app.databaseUrl,
      `UPDATE job_posting_version SET job = job - 'company' WHERE job_posting_id = '${id}'`,
    );
    const { status, text } = await read(url());
    expect([status, text]).toEqual([200, before.text]);
    expect(app.logLines.filter((line) => line.includes(id) && line.includes("cannot be written"))).not.toEqual([]);
  });

  const pagesRead = () => statements.filter((sql) => sql.includes("job_posting_version sent")).length;

  it("is written once, however many come at the same time, and not again before it changes", async () => {
    const { standing, url } = await aPublisher();
    await standing();
    const before = pagesRead();
    const replies = await Promise.all(Array.from({ length: 20 }, () => read(url())));
    expect(new Set(replies.map(({ headers }) => headers.etag)).size).toBe(1);
    await read(url());
    expect(pagesRead() - before).toBe(1);
    await standing();
    await read(url());
    expect(pagesRead() - before).toBe(2);
  });

  it("is written anew whatever the clock of the process says that changed it", async () => {
    const { standing, url, mutate, posting } = await aPublisher();
    const { id, job } = await standing();
    await mutate("updateJobPosting", { id, job: { ...job, title: "Senior engineer" } });
    await eventually(
      "the change",
      () => posting(id),
      ({ versionSent }) => versionSent === 2,
    );
    expect((await read(url())).textsOf("title")).toEqual(["Senior engineer"]);
    await runOnServer(app.databaseUrl, `UPDATE job_posting SET version_sent = 1 WHERE id = '${id}'`);
    expect((await read(url())).textsOf("title")).toEqual(["Service engineer"]);
  });

  it("leaves no files of earlier texts behind", async () => {
    const { standing, url } = await aPublisher();
    const names = async () => (await readdir(feedFolder, { recursive: true })).filter((name) => name.includes("."));
    await standing();
    await read(url());
    const before = await names();
    await standing();
    await read(url());
    const after = await names();
    expect(after).toHaveLength(before.length);
    expect(after).not.toEqual(before);
  });
});

describe("who fetches a feed", () => {
  it("is written down: what they call themselves, when and how often they came, and what they got", async () => {
    const { standing, url, feeds } = await aPublisher();
    const fetches = async (dialect = "INDEED") => (await feeds()).find((feed) => feed.dialect === dialect).fetches;
    await standing();
    const robot = { "user-agent": `Indeed-Robot/1.0 ${"x".repeat(500)}` };
    const { headers } = await read(url(), robot);
    const etag = String(headers.etag);
    await standing();
    const second = await read(url(), robot);
    await read(url(), { ...robot, "if-none-match": String(second.headers.etag) });
    await read(url());
    await rawRequest(url(), { method: "HEAD", headers: { "user-agent": "curl" } });
    const noted = await eventually(
      "both readers",
      fetches,
      (all) => all.length === 2 && all[1].fetches + all[0].fetches === 4,
    );
    const [name] = noted.map(({ userAgent }: Json) => userAgent).filter((agent: string | null) => agent !== null);
    expect(name).toBe(robot["user-agent"].slice(0, 200));
    expect(noted.find(({ userAgent }: Json) => userAgent === name)).toMatchObject({ fetches: 3, jobs: 2 });
    expect(noted.find(({ userAgent }: Json) => userAgent === null)).toMatchObject({ fetches: 1, jobs: 2 });
    expect(noted[0].etag).not.toBe(etag.replaceAll('"', ""));
    expect(noted[0].etag).toBe(String(second.headers.etag).replaceAll('"', ""));
    expect(await fetches("MONSTER")).toEqual([]);
  });

  it("is kept of the last twenty", async () => {
    const { url, feeds } = await aPublisher();
    const fetches = async () => (await feeds()).find(({ dialect }) => dialect === "INDEED").fetches;
    for (let reader = 1; reader <= 23; reader += 1) {
      await read(url(), { "user-agent": `reader ${reader}` });
      await eventually("the reader", fetches, ([last]) => last?.userAgent === `reader ${reader}`);
    }
    expect(await fetches()).toHaveLength(20);
  });
});
