import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../../src/providers/job-board/job.ts";
import type { BoardAccount, BoardPosting } from "../../src/providers/job-board/provider.ts";
import { remoteOk } from "../../src/providers/job-board/remote-ok.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { aFullJob, aJob, aPosting } from "../support/a-job.ts";
import { createRemoteOkVendor, type RemoteOkVendor } from "../support/remote-ok-vendor.ts";

describeJobBoardProvider(remoteOk, createRemoteOkVendor);

const hourMs = 3_600_000;
let vendor: RemoteOkVendor;
let account: BoardAccount;

beforeEach(async () => {
  vendor = await createRemoteOkVendor();
  ({ account } = await vendor.connect());
});
afterEach(() => vendor.stop());

const entriesOf = (job: Job): Readonly<Record<string, string>> =>
  Object.fromEntries((remoteOk.manual?.entriesOf(job) ?? []).map(({ label, value }) => [label, value]));
const findings = (changes: Partial<Job>) =>
  remoteOk.check(aJob(changes), {}, new Date()).map(({ field: [field], effect }) => `${effect} ${field}`);
const reads = () => vendor.sandbox.requests.filter(({ path }) => path === "/api");

describe("Remote OK's form", () => {
  it("is filled with everything that the job says", () => {
    const { "Job description": description, ...entries } = entriesOf(aFullJob());
    expect(entries).toEqual({
      "Company name": "Muster AG",
      "Company logo": "https://www.example.test/logo.png",
      Position: "Service engineer",
      "Primary tag": "Service",
      Tags: "code-1, Engineering, CAD",
      "Location restricted to": "United States, Germany",
      "Annual salary or compensation": "52000 to 61000.50 USD a year",
      Benefits: "Bicycle",
      "Apply URL": "https://careers.example.test/apply/1",
    });
    for (const part of ["You answer", "Full time", "Senior", "Welding", "B2", "0.1 %", "alike"]) {
      expect(description).toContain(part);
    }
  });

  it("is open to the whole world where the job does not say from where, and takes mails", () => {
    const entries = entriesOf(aJob({ applyMethod: "EMAIL" }));
    expect(entries["Location restricted to"]).toBe("Worldwide");
    expect([entries["Apply email address"], entries["Apply URL"]]).toEqual(["jobs@example.test", undefined]);
  });

  it("is paid by whoever the account says, and not renewed unless that is wanted", () => {
    const { settings } = account;
    const checklist = remoteOk.manual?.checklistFor({ operation: "POST", job: aJob(), settings, postingUrl: null });
    expect(checklist?.join(" ")).toMatch(/Bo in accounting does that.*Switch auto-renew off/);
  });

  it("costs money, each time anew, and is renewed after 30 days", () => {
    expect(remoteOk.cost?.(aJob(), {})).toEqual({ money: null, unit: "post of 30 days, renewed until it is ended" });
    expect(remoteOk.manual?.renewal).toEqual({ everyDays: 30, noticeDays: 7 });
  });
});

describe("what Remote OK makes of a job", () => {
  it.each([
    [{ workplaceType: "ON_SITE" }, "REFUSED workplaceType"],
    [{ title: " " }, "REFUSED title"],
    [{ description: "<p></p>" }, "REFUSED description"],
    [{ applyUrl: null }, "REFUSED applyUrl"],
    [{ expiresAt: new Date(0) }, "REFUSED expiresAt"],
    [{ salary: { min: "30", max: null, currency: "USD", period: "HOUR", visible: true } }, "CHANGED salary"],
    [{ screeningQuestions: [{} as never] }, "DROPPED screeningQuestions"],
  ] as const)("is told beforehand: %o", (changes, finding) => {
    expect(findings(changes)).toContain(finding);
  });
});

describe("the public list", () => {
  const words = { company: "Muster AG", position: "Service engineer", description: "<p>Bridges</p>" };
  const looked = (changes: Partial<BoardPosting> = {}) =>
    remoteOk.status?.(account, aPosting({ operation: null, previousState: "SUBMITTED", ...changes }));

  it.each([
    ["by the address at which it was confirmed", { applyUrls: "redirect" }, true],
    ["by where candidates apply", { applyUrls: "own" }, false],
    [
      "by company and title, where the list has addresses of its own",
      { applyUrls: "redirect", urls: "relative" },
      false,
    ],
  ] as const)("shows that a post is live: %s", async (_how, switches, isConfirmed) => {
    Object.assign(vendor.twin.switches, switches);
    const job = aJob();
    const { url } = vendor.twin.post({ ...words, applyUrl: job.applyUrl ?? "" });
    expect(await looked({ job, url: isConfirmed ? url : null })).toMatchObject({
      state: "LIVE",
      boardState: "listed",
      boardPostingId: "1000001",
      url,
    });
  });

  it("says nothing of one that it does not have: it has the newest alone", async () => {
    vendor.twin.post({ ...words, company: "Another", applyUrl: "https://careers.example.test/other" });
    expect(await looked()).toMatchObject({ state: "SUBMITTED", boardState: null, refusal: null });
    expect(await looked({ previousState: "LIVE" })).toMatchObject({ state: "LIVE", boardState: null });
  });

  it("is read once an hour, however many postings are looked for, at the same time too", async () => {
    const now = new Date();
    await Promise.all([looked({ now }), looked({ now }), looked({ now })]);
    await looked({ now: new Date(now.getTime() + hourMs - 1000) });
    expect(reads()).toHaveLength(1);
    await looked({ now: new Date(now.getTime() + hourMs) });
    expect(reads()).toHaveLength(2);
  });

  it("that failed is read again the next time", async () => {
    vendor.failNext("down");
    await expect(looked()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    expect(await looked()).toMatchObject({ boardState: null });
  });

  it.each(["[1, 2", '{"jobs": []}', "<html>"])("that cannot be read is told: %s", async (body) => {
    const reply = () => Promise.resolve(new Response(body, { status: 200 }));
    const settings = { serverUrl: `http://127.0.0.1:9/${encodeURIComponent(body)}/` };
    const look = remoteOk.status?.({ ...account, settings, fetch: reply }, aPosting({ operation: null }));
    await expect(look).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
  });

  it("is read without a name or a password", async () => {
    await looked();
    expect(reads()[0]?.headers["authorization"]).toBeUndefined();
    expect(reads()[0]?.headers["user-agent"]).toContain("integrations-subgraph");
  });
});

describe("connecting", () => {
  it("asks for the company, and proves nothing", async () => {
    const { connected, secret } = await vendor.connectAs({ company: " Muster AG " });
    expect(connected).toMatchObject({ externalId: "muster ag", displayName: "Muster AG" });
    expect(secret).toEqual({});
    await expect(vendor.connectAs({})).rejects.toMatchObject({ code: "INVALID_INPUT", field: ["company"] });
  });
});
