import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultName } from "../../sandbox/faults.ts";
import { isIntegrationError } from "../../src/errors.ts";
import type { BatchMail } from "../../src/providers/job-board/batch.ts";
import { employmentTypes, type Job, seniorities, workplaceTypes } from "../../src/providers/job-board/job.ts";
import type {
  BoardAccount,
  BoardPosting,
  FieldLimits,
  JobBoardProvider,
  PostingReport,
} from "../../src/providers/job-board/provider.ts";
import type { ProvenIdentity } from "../../src/providers/provider.ts";
import { jobBoard } from "../../src/providers/registry.ts";
import { aFullJob, aJob, aPosting, berlinOffice } from "../support/a-job.ts";
import { aQuestion } from "../support/a-question.ts";
import type { Trouble } from "./calendar-provider.ts";

/** What the board itself has of a posting. */
export interface SeenPosting {
  readonly title: string;
  readonly isOpen: boolean;
}

/** One board to run the contract on: its twin. */
export interface BoardVendor {
  /** Connects as a person does; always the same account. */
  connect(): Promise<{ readonly connected: ProvenIdentity; readonly account: BoardAccount }>;
  /** The same with something that the board refuses; not called where nothing is entered. */
  connectWrongly(): Promise<unknown>;
  /** What must never be seen in an error. */
  readonly secrets: () => readonly string[];
  /** Everything the board has of this reference, whoever's account it is in. */
  seen(account: BoardAccount, reference: string): readonly SeenPosting[];
  /** Of a board that gets all jobs at once: the account's login, and how its mail gets there. */
  readonly batch?: {
    readonly secret: Readonly<Record<string, string>>;
    deliver(mail: BatchMail): Promise<void>;
  };
  /** What the board thinks about until later is over. */
  finishReviews(): void;
  /** The board forgets what it was about to answer: the request gets through, the answer does not. */
  loseAnswer(): void;
  failNext(trouble: Trouble): void;
  /** Nearly every third request meets it, until the function returned is called. */
  failOften(fault: FaultName): () => void;
  stop(): Promise<void>;
}

/** Follows a posting until the board has said what became of the operation. */
export async function followed(
  provider: JobBoardProvider,
  vendor: Pick<BoardVendor, "finishReviews">,
  account: BoardAccount,
  posting: BoardPosting,
  first: PostingReport,
): Promise<PostingReport> {
  let report = first;
  for (let looks = 0; looks < 10; looks += 1) {
    if (!report.isPending && report.state !== "IN_REVIEW" && report.state !== "SUBMITTED") return report;
    vendor.finishReviews();
    const { boardTaskId, boardPostingId } = report;
    report = (await provider.status?.(account, { ...posting, boardTaskId, boardPostingId })) ?? report;
  }
  return report;
}

/** What every job board promises, whoever the vendor is, and by whichever route it has jobs. */
export function describeJobBoardProvider(provider: JobBoardProvider, createVendor: () => Promise<BoardVendor>): void {
  describe(`${provider.name} keeps the job-board contract:`, () => {
    let vendor: BoardVendor;
    let account: BoardAccount;
    let connected: ProvenIdentity;

    beforeAll(async () => {
      vendor = await createVendor();
      ({ account, connected } = await vendor.connect());
    });
    afterAll(() => vendor.stop());

    const { post, update, close, reopen, status, feeds } = provider;
    /** Whether somebody answers calls. */
    const isCalled = feeds === undefined;
    const expectNoSecretIn = (text: string) =>
      expect(vendor.secrets().filter((secret) => text.includes(secret))).toEqual([]);
    const follow = (posting: BoardPosting, first: PostingReport) => followed(provider, vendor, account, posting, first);
    const does = async (operation: "post" | "update" | "close" | "reopen", posting: BoardPosting) => {
      const report = await provider[operation]?.(account, posting);
      if (!report) throw new Error(`${provider.name} cannot ${operation}`);
      return follow(posting, report);
    };
    const live = async (job?: Job) => {
      const posting = aPosting(job ? { job } : {});
      const report = await does("post", posting);
      return { posting, report };
    };
    const later = (posting: BoardPosting, report: PostingReport, changes: Partial<BoardPosting>): BoardPosting => ({
      ...posting,
      previousState: report.state,
      boardPostingId: report.boardPostingId,
      boardTaskId: null,
      ...changes,
    });
    const seen = ({ job }: BoardPosting) => vendor.seen(account, job.externalReference);

    describe("connecting", () => {
      it("proves what was entered, and says who it is, without a secret", () => {
        expect(connected.externalId).not.toBe("");
        expect(connected.displayName).not.toBe("");
        expectNoSecretIn(JSON.stringify(connected));
      });

      it("meets the same account again", async () => {
        expect((await vendor.connect()).connected.externalId).toBe(connected.externalId);
      });

      it.skipIf(provider.auth.fields.length === 0)(
        "refuses what the board refuses, as an expected failure",
        async () => {
          const failure = await vendor.connectWrongly().catch((error: unknown) => error);
          expect(isIntegrationError(failure)).toBe(true);
        },
      );

      it.skipIf(!provider.tryOut)("can be tried out without changing anything", async () => {
        await expect(provider.tryOut?.(account)).resolves.not.toThrow();
      });
    });

    describe.skipIf(!post || !isCalled)("posting", () => {
      it("brings the job to the board, where candidates see it", async () => {
        const { posting, report } = await live();
        expect(report).toMatchObject({ state: "LIVE", isPending: false, refusal: null });
        expect(seen(posting)).toEqual([{ title: posting.job.title, isOpen: true }]);
      });

      it("is one posting, however often it is done", async () => {
        const posting = aPosting();
        await post?.(account, posting);
        await does("post", posting);
        await does("post", posting);
        expect(seen(posting)).toHaveLength(1);
      });

      it.skipIf(!status || provider.findsBy)("is found by looking, after an answer that got lost", async () => {
        const posting = aPosting();
        vendor.loseAnswer();
        await expect(post?.(account, posting)).rejects.toMatchObject({ retryable: true });
        vendor.finishReviews();
        expect(await status?.(account, posting)).not.toBeNull();
      });

      it("is done again after an answer that got lost, and is the same", async () => {
        const posting = aPosting();
        vendor.loseAnswer();
        await expect(post?.(account, posting)).rejects.toMatchObject({ retryable: true });
        vendor.finishReviews();
        expect(await does("post", posting)).toMatchObject({ state: "LIVE", refusal: null });
        expect(seen(posting)).toEqual([{ title: posting.job.title, isOpen: true }]);
      });

      it.skipIf(!status)("is not there before", async () => {
        expect(await status?.(account, aPosting({ operation: null }))).toBeNull();
      });
    });

    describe.skipIf(!update || !isCalled)("updating", () => {
      it("shows the new text, once, however often it is sent", async () => {
        const { posting, report } = await live();
        const job = { ...posting.job, title: "Senior service engineer" };
        const changed = later(posting, report, { job, operation: "UPDATE" });
        await does("update", changed);
        expect(await does("update", changed)).toMatchObject({ state: "LIVE", isTaken: true, refusal: null });
        expect(seen(posting)).toEqual([{ title: "Senior service engineer", isOpen: true }]);
      });
    });

    describe.skipIf(!close || !isCalled)("closing", () => {
      it("takes it off the board, and does so twice", async () => {
        const { posting, report } = await live();
        const closing = later(posting, report, { operation: "CLOSE" });
        expect(await does("close", closing)).toMatchObject({ state: "CLOSED", refusal: null });
        expect(await does("close", { ...closing, previousState: "CLOSED" })).toMatchObject({ state: "CLOSED" });
        expect(seen(posting).filter(({ isOpen }) => isOpen)).toEqual([]);
      });

      it("is done for a job that the board never had", async () => {
        const posting = aPosting({ operation: "CLOSE", previousState: "LIVE" });
        expect(await does("close", posting)).toMatchObject({ state: "CLOSED" });
      });

      it("takes one off whose answer got lost", async () => {
        const posting = aPosting();
        vendor.loseAnswer();
        await expect(post?.(account, posting)).rejects.toMatchObject({ retryable: true });
        vendor.finishReviews();
        expect(await does("close", { ...posting, operation: "CLOSE" })).toMatchObject({ state: "CLOSED" });
        expect(seen(posting).map(({ isOpen }) => isOpen)).toEqual([false]);
      });

      it.skipIf(!reopen)("is undone by opening it again", async () => {
        const { posting, report } = await live();
        const closed = await does("close", later(posting, report, { operation: "CLOSE" }));
        const again = await does("reopen", later(posting, closed, { operation: "REOPEN" }));
        expect(again).toMatchObject({ state: "LIVE", refusal: null });
        expect(seen(posting).filter(({ isOpen }) => isOpen)).toHaveLength(1);
      });
    });

    describe("checking a job", () => {
      it("finds nothing to refuse in one that the board takes", () => {
        expect(refusals(provider, aJob(), account)).toEqual([]);
      });

      it.skipIf(provider.mirrorOf)(
        "tells beforehand what the board would refuse, with the field, the rule and what to do",
        async () => {
          const job = aJob({ description: "", location: null });
          const found = refusals(provider, job, account);
          expect(found.length).toBeGreaterThan(0);
          for (const { field, rule, fix } of found) {
            expect(Object.keys(job)).toContain(field[0]);
            expect(rule).not.toBe("");
            expect(fix).not.toBe("");
          }
        },
      );

      it("has a place for every field, or says why there is none", () => {
        expect(Object.keys(provider.fields).toSorted()).toEqual(Object.keys(aJob()).toSorted());
        for (const place of Object.values(provider.fields)) {
          expect("notSent" in place ? place.notSent : place.sentAs).not.toBe("");
        }
      });

      it.each(textsWithLimits(provider))("keeps to the length of its %s", (field, { unit, min = 0, max }) => {
        const isRefused = (length: number) => {
          const job = jobWith(provider, field, length, unit);
          return refusals(provider, job, account).some((found) => found.field[0] === field);
        };
        if (min > 0) expect([isRefused(min), isRefused(min - 1)]).toEqual([false, true]);
        if (max !== undefined) expect([isRefused(max), isRefused(max + 1)]).toEqual([false, true]);
      });

      it.each(choicesWithOptions(provider))("tells of %s %s where it has no word for it", (field, value, hasWord) => {
        const found = provider.check(aJob({ [field]: value }), account.settings, new Date());
        const isTold = found.some((one) => one.field[0] === field && one.effect !== "CHANGED");
        expect(isTold).toBe(!hasWord);
      });

      it("leaves no script in what is sent", () => {
        const rendered = provider.render(aJob({ description: `<p onclick="x()">Hi<script>alert(1)</script></p>` }));
        expect(rendered).not.toMatch(/script|onclick|alert/);
      });
    });

    describe.skipIf(!provider.mirrorOf)("showing another board's jobs", () => {
      it("is of a board that can be told of jobs, and is told of none itself", () => {
        const original = jobBoard(provider.mirrorOf ?? "");
        expect(original.post).toBeDefined();
        expect(provider.route(account.settings)).toBe("MIRROR");
        expect([post, update, close, reopen, status].filter((member) => member !== undefined)).toEqual([]);
        expect(provider.render(aJob())).toBe("");
        expect(Object.values(provider.fields).filter((place) => !("notSent" in place))).toEqual([]);
      });

      it("costs nothing of its own, and calls nobody", () => {
        expect(provider.cost).toBeUndefined();
        expect(provider.auth.kind === "credentials" && provider.auth.origins(account.settings)).toEqual([]);
      });
    });

    describe.skipIf(!provider.manual)("posting by hand", () => {
      const { manual } = provider;
      const operations = ["POST", "UPDATE", "CLOSE", "REOPEN"] as const;
      const step = (operation: (typeof operations)[number], postingUrl: string | null = null) => ({
        operation,
        job: aFullJob(),
        settings: account.settings,
        postingUrl,
      });

      it("is the only way there is", () => {
        expect(provider.route(account.settings)).toBe("MANUAL");
        expect([post, update, close, reopen].filter((member) => member !== undefined)).toEqual([]);
      });

      it.each(operations)("says where it is done, and how: %s", (operation) => {
        const page = manual?.pageFor(step(operation)) ?? "";
        expect(page.startsWith(account.settings["serverUrl"] ?? "?")).toBe(true);
        const checklist = manual?.checklistFor(step(operation)) ?? [];
        expect(checklist.length).toBeGreaterThan(1);
        expect(new Set(checklist).size).toBe(checklist.length);
        expect(checklist.at(-1)).toMatch(/^Confirm /);
      });

      it("sends whoever changes or closes a posting to it", () => {
        const page = new URL("some/posting", account.settings["serverUrl"]).href;
        expect([manual?.pageFor(step("UPDATE", page)), manual?.pageFor(step("CLOSE", page))]).toEqual([page, page]);
      });

      it("has an entry for every field that has a place in the form, and for no other", () => {
        const places = Object.values(provider.fields).flatMap((place) =>
          "sentAs" in place ? place.sentAs.split(", ") : [],
        );
        const labels = [aFullJob(), { ...aFullJob(), applyMethod: "EMAIL" as const }].flatMap((job) =>
          (manual?.entriesOf(job) ?? []).map(({ label }) => label),
        );
        expect([...new Set(labels)].toSorted()).toEqual([...new Set(places)].toSorted());
      });

      it("leaves out what the job has nothing for, and every script", () => {
        const job = aJob({ description: `<p onclick="x()">Hi<script>alert(1)</script></p>` });
        const entries = manual?.entriesOf(job) ?? [];
        expect(entries.filter(({ value }) => value === "")).toEqual([]);
        expect(JSON.stringify(entries)).not.toMatch(/<script|onclick|alert/);
      });

      it("knows an address of its own from any other", () => {
        const isOne = (url: string) => manual?.isPostingUrl(new URL(url), account.settings);
        const server = account.settings["serverUrl"] ?? "";
        expect(isOne(`${server}jobs/1`)).toBe(true);
        expect([server, "https://jobs.example.test/1", "ftp://jobs.example.test/1"].map(isOne)).toEqual([
          false,
          false,
          false,
        ]);
      });

      it("reminds of a renewal before it comes", () => {
        const { everyDays = 2, noticeDays = 1 } = manual?.renewal ?? {};
        expect(noticeDays).toBeLessThan(everyDays);
        expect(manual?.daysToAct).toBeGreaterThan(0);
      });

      it.skipIf(!status)("does not take for gone what the board does not show", async () => {
        const posting = aPosting({ operation: null, previousState: "LIVE" });
        expect(await status?.(account, posting)).toMatchObject({ state: "LIVE", boardState: null, isTaken: true });
      });
    });

    describe.skipIf(!provider.batch)("sending all jobs at once", () => {
      const compose = async (postings: readonly BoardPosting[]) => {
        const composed = await provider.batch?.compose(account.settings, postings);
        if (!composed) throw new Error(`${provider.name} takes no batches`);
        return composed;
      };
      const send = async (...postings: readonly BoardPosting[]) => {
        const { mail, refused } = await compose(postings);
        expect(refused.size).toBe(0);
        await vendor.batch?.deliver({ ...mail, text: withLogin(mail.text) });
      };
      const { auth } = provider;
      const withLogin = (message: string) =>
        (auth.kind === "credentials" && auth.fillIn?.(message, vendor.batch?.secret ?? {})) || message;
      const isShown = (title: string) => [{ title, isOpen: true }];

      it("is the only way there is, and has its time between two mails", () => {
        expect(provider.route(account.settings)).toBe("EMAIL");
        expect([post, update, close, reopen, status].filter((member) => member !== undefined)).toEqual([]);
        expect(provider.batch?.everySeconds).toBeGreaterThan(0);
      });

      it("has each job stand at the board, as its text is now, however often it is sent", async () => {
        const [one, other] = [aPosting(), aPosting({ job: aJob({ title: "Bridge warden" }) })];
        await send(one, other);
        expect([seen(one), seen(other)]).toEqual([isShown("Service engineer"), isShown("Bridge warden")]);
        const changed = { ...one, job: { ...one.job, title: "Senior service engineer" } };
        await send(changed, other);
        await send(changed, other);
        expect([seen(one), seen(other)]).toEqual([isShown("Senior service engineer"), isShown("Bridge warden")]);
      });

      it("takes off the board what is not among them, the last one too", async () => {
        const [one, other] = [aPosting(), aPosting()];
        await send(one, other);
        await send(other);
        expect([seen(one), seen(other)]).toEqual([[], isShown("Service engineer")]);
        await send();
        expect(seen(other)).toEqual([]);
        await send(other);
        expect(seen(other)).toEqual(isShown("Service engineer"));
      });

      it("takes a job with everything that one can have", async () => {
        const posting = aPosting({ job: aFullJob({ title: "Ingénieur·e & <Service> 🚲" }) });
        await send(posting);
        expect(seen(posting)[0]).toEqual({ title: "Ingénieur·e & <Service> 🚲", isOpen: true });
      });

      it("is the same mail for the same jobs", async () => {
        const postings = [aPosting(), aPosting()];
        expect((await compose(postings)).mail).toEqual((await compose(postings)).mail);
      });

      it("has a place for the login in its text, where it is written on the way out, and does not see it before", async () => {
        const { mail } = await compose([aPosting()]);
        const secrets = Object.values(vendor.batch?.secret ?? {});
        const shown = inspect(mail) + Buffer.from(mail.attachment.bytes).toString("latin1");
        expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
        expect(secrets.filter((secret) => !withLogin(mail.text).includes(secret))).toEqual([]);
      });
    });

    describe.skipIf(!feeds)("standing in feeds", () => {
      const dialects = Object.entries(feeds ?? {});
      const written = (job: Job, [, dialect]: (typeof dialects)[number]) => {
        const { settings } = account;
        const jobs = dialect.jobsOf({ job, link: null, listedAt: new Date(0) }, settings);
        const head = dialect.head({ settings, jobs: jobs.length, changedAt: new Date(0) });
        return { head, jobs, tail: dialect.tail };
      };

      it("is the only way there is, and calls nobody", () => {
        expect(provider.route(account.settings)).toBe("FEED");
        expect(status).toBeUndefined();
        expect(provider.auth.kind === "credentials" && provider.auth.origins(account.settings)).toEqual([]);
      });

      it("is so at once, and nobody has said that candidates see it", async () => {
        const posting = aPosting();
        const silent = { isPending: false, isTaken: true, boardState: null, boardPostingId: null, refusal: null };
        expect(await post?.(account, posting)).toMatchObject({ ...silent, state: "SUBMITTED" });
        expect(await update?.(account, { ...posting, operation: "UPDATE", previousState: "SUBMITTED" })).toMatchObject({
          ...silent,
          state: "SUBMITTED",
        });
        expect(await close?.(account, { ...posting, operation: "CLOSE" })).toMatchObject({
          ...silent,
          state: "CLOSED",
        });
        expect(await reopen?.(account, { ...posting, operation: "REOPEN" })).toMatchObject({
          ...silent,
          state: "SUBMITTED",
        });
      });

      it("is still seen with another text, where somebody has seen it", async () => {
        const posting = aPosting({ operation: "UPDATE", previousState: "LIVE" });
        expect(await update?.(account, posting)).toMatchObject({ state: "LIVE", boardState: null });
      });

      it("is served at an address whose last part needs no escaping", () => {
        expect(dialects.length).toBeGreaterThan(0);
        for (const [name] of dialects) expect(name).toMatch(/^[a-z]+$/);
      });

      it("is the same text whenever it is written", () => {
        const job = aFullJob();
        for (const dialect of dialects) expect(written(job, dialect)).toEqual(written({ ...job }, dialect));
      });

      it("leaves no job out, however little it says", () => {
        const job = aJob({ location: null, applyUrl: null, description: "", title: "" });
        for (const dialect of dialects) expect(written(job, dialect).jobs.length).toBeGreaterThan(0);
      });

      it("names each place of a job by a name that stays, whatever other places it has", () => {
        const names = (job: Job, dialect: (typeof dialects)[number]) =>
          written(job, dialect).jobs.map((text) => /<(\w+)><!\[CDATA\[(REF-[^\]]*)/.exec(text)?.[2]);
        const oslo = { ...berlinOffice, city: "Oslo", country: "NO" };
        const externalReference = "REF-".padEnd(50, "x");
        for (const dialect of dialects) {
          const both = names(aJob({ externalReference, alternateLocations: [berlinOffice, oslo] }), dialect);
          const one = names(aJob({ externalReference, alternateLocations: [oslo] }), dialect);
          expect(new Set(both).size).toBe(both.length);
          expect(both).toEqual(expect.arrayContaining(one));
        }
      });

      it("leaves no script in it, and nothing that ends a value early", () => {
        const attack = "]]></description></job><job><title>Mine]]>";
        const job = aFullJob({
          title: attack,
          description: `<p onclick="x()">Hi ${attack}<script>alert(1)</script></p>`,
          company: { ...aFullJob().company, name: attack },
        });
        for (const dialect of dialects) {
          for (const text of written(job, dialect).jobs) {
            expect(text).not.toMatch(/onclick|<script/);
            const withoutValues = text.replaceAll(/<!\[CDATA\[.*?\]\]>/gs, "");
            expect(withoutValues).not.toContain("Mine");
            expect(withoutValues.match(/<job>/g)).toHaveLength(1);
          }
        }
      });

      it("tells nobody of pay that is not to be seen, nor which answers rule one out", () => {
        const salary = { min: "98765", max: null, currency: "USD", period: "YEAR", visible: false } as const;
        const screeningQuestions = [aQuestion("visa", "TEXT", { acceptableValues: ["rules nobody out"] })];
        for (const dialect of dialects) {
          const { jobs } = written(aFullJob({ salary, screeningQuestions }), dialect);
          expect(jobs.join("")).not.toMatch(/98765|rules nobody out/);
        }
      });
    });

    describe.skipIf(!post || !isCalled)("trouble", () => {
      it.each([
        ["rate-limited", "RATE_LIMITED"],
        ["down", "PROVIDER_UNAVAILABLE"],
        ["hung-up", "PROVIDER_UNAVAILABLE"],
        ["web-page", "PROVIDER_REPLY_INVALID"],
        ["truncated", "PROVIDER_REPLY_INVALID"],
      ] as const)("that passes is told as such, and shows no secret: %s", async (trouble, code) => {
        vendor.failNext(trouble);
        const error: unknown = await post?.(account, aPosting()).catch((failure: unknown) => failure);
        expect(error).toMatchObject({ code, retryable: true });
        expectNoSecretIn(inspect(error, { depth: 10 }));
      });

      it("says how long the board wants to be left alone", async () => {
        vendor.failNext("rate-limited-for-7-seconds");
        const failure = post?.(account, aPosting());
        await expect(failure).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 7000 });
      });

      it.skipIf(!status)("when looking is never an absence", async () => {
        const { posting, report } = await live();
        vendor.failNext("down");
        const look = status?.(account, later(posting, report, { operation: null }));
        await expect(look).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
      });
    });

    describe.skipIf(!post || !close || !isCalled)("under every pack of faults", () => {
      it.each([
        "rate-limited",
        "rate-limited-with-retry-after",
        "quota",
        "down",
        "backend-error",
        "slow",
        "truncated",
        "html",
        "hung-up",
      ] as const)("one posting is made and closed, and nothing is there twice: %s", async (fault) => {
        const recover = vendor.failOften(fault);
        const posting = aPosting();
        const first = await patiently(async () => {
          const found = await status?.(account, posting);
          return found ?? post?.(account, posting);
        });
        if (!first) throw new Error("Nothing was posted");
        const report = await patiently(() => follow(posting, first));
        const closing = later(posting, report, { operation: "CLOSE" });
        await patiently(async () => follow(closing, await patiently(() => does("close", closing))));
        recover();
        const open = seen(posting).filter(({ isOpen }) => isOpen);
        expect(seen(posting).length).toBeLessThanOrEqual(1);
        expect(open).toEqual([]);
      });
    });
  });
}

const choices: Readonly<Record<string, readonly string[]>> = {
  employmentType: employmentTypes,
  workplaceType: workplaceTypes,
  seniority: seniorities,
};

function choicesWithOptions({ fields }: JobBoardProvider) {
  return Object.entries(fields).flatMap(([field, { options }]) =>
    options ? (choices[field] ?? []).map((value) => [field, value, options.includes(value)] as const) : [],
  );
}

function textsWithLimits({ fields }: JobBoardProvider) {
  return (["title", "description"] as const).flatMap((field) => {
    const { limits } = fields[field];
    return limits ? [[field, limits] as const] : [];
  });
}

/** A job whose field has this length when it is sent. */
function jobWith(
  provider: JobBoardProvider,
  field: "title" | "description",
  length: number,
  unit: FieldLimits["unit"],
): Job {
  if (field === "title") return aJob({ title: "x".repeat(length) });
  // What is told at the end of a description counts too.
  const saying = (text: string) => aJob({ description: text, employmentType: null, workplaceType: null });
  const sent = (text: string) => {
    const rendered = provider.render(saying(text));
    return unit === "BYTES" ? Buffer.byteLength(rendered) : rendered.length;
  };
  return saying("x".repeat(length - sent("")));
}

function refusals(provider: JobBoardProvider, job: Job, { settings }: BoardAccount) {
  return provider.check(job, settings, new Date()).filter(({ effect }) => effect === "REFUSED");
}

/** Tries again as the task runner does, while a failure may pass. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isIntegrationError(error) || !error.retryable || attempt === 40) throw error;
    }
  }
}
