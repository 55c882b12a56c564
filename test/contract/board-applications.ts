import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultName } from "../../sandbox/faults.ts";
import { isIntegrationError } from "../../src/errors.ts";
import {
  type ApplicationStatus,
  applicationStatuses,
  type BoardMessage,
  type MessageKeys,
  type StatusChange,
} from "../../src/providers/job-board/applications.ts";
import type { BoardAccount, BoardPosting, JobBoardProvider } from "../../src/providers/job-board/provider.ts";
import { aJob, aPosting } from "../support/a-job.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { type BoardVendor, followed } from "./job-board-provider.ts";

export interface Applicant {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

/** A board at which one can apply. */
export interface ApplyingVendor extends BoardVendor {
  /** With what messages to the account of `connect` are proved. */
  keys(): Promise<MessageKeys>;
  /** Where all messages go, for a board that has one address for everybody. */
  sendTo?(url: string): Promise<void>;
  /** Somebody applies to an open job. @returns the board's name for the application */
  apply(reference: string, applicant: Applicant): Promise<string>;
  /** The board brings it once more. */
  again(boardApplicationId: string): Promise<unknown>;
  /** What the board was told of an application, in order. */
  heard(boardApplicationId: string): readonly string[];
}

const zoe = { firstName: "Żółć", lastName: "Müller-李", email: "zoe@example.test" };
const now = new Date();

/** What every board promises at which candidates apply, whoever the vendor is. */
export function describeBoardApplications(
  provider: JobBoardProvider,
  createVendor: () => Promise<ApplyingVendor>,
): void {
  const applications = provider.applications ?? expect.fail(`Nobody can apply at ${provider.name}`);
  const { dispositions } = provider;
  const { prove, read, parse } = applications;

  describe(`${provider.name} keeps the contract for applications:`, () => {
    let vendor: ApplyingVendor;
    let account: BoardAccount;
    let keys: MessageKeys;

    beforeAll(async () => {
      vendor = await createVendor();
      ({ account } = await vendor.connect());
      keys = await vendor.keys();
    });
    afterAll(() => vendor.stop());

    /** A job that stands at the board, and a door at which everything is taken. */
    const aLiveJob = async (): Promise<{ posting: BoardPosting; arrived: BoardMessage[] }> => {
      const arrived: BoardMessage[] = [];
      const door = await serveOnLoopback(({ url, headers, body }, response) => {
        const query = Object.fromEntries(new URL(url, "http://door").searchParams);
        const greeting = applications.handshake?.(query, keys);
        if (!greeting) arrived.push({ headers: headers as Record<string, string>, query, body: Buffer.from(body) });
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(greeting ?? {}));
      });
      const address = `${door.origin}/webhooks/somebody`;
      await vendor.sendTo?.(address);
      const job = aJob({ applyMethod: "BOARD_NATIVE" });
      const posting = aPosting({ job, apply: { url: address, token: keys.applyToken, proof: keys.proofs?.[0] ?? "" } });
      const first = await provider.post?.(account, posting);
      if (!first) throw new Error(`${provider.name} cannot post`);
      await followed(provider, vendor, account, posting, first);
      return { posting, arrived };
    };
    const anApplication = async (applicant: Applicant = zoe) => {
      const { posting, arrived } = await aLiveJob();
      const boardApplicationId = await vendor.apply(posting.job.externalReference, applicant);
      const message = arrived.at(-1) ?? expect.fail("Nothing arrived");
      return { posting, arrived, message, boardApplicationId };
    };

    describe("an application", () => {
      it("arrives, is proved, and says what it is to", async () => {
        const { posting, message, boardApplicationId } = await anApplication();
        expect(prove(message, keys, now)).toBeUndefined();
        const jobName = applications.jobNameOf?.(posting) ?? posting.job.externalReference;
        expect(read(message)).toMatchObject({ kind: "application", jobName, boardApplicationId, email: zoe.email });
      });

      it("is read whole, in whichever letters", async () => {
        const { posting, message, boardApplicationId } = await anApplication();
        const received = parse(message.body, posting.job);
        expect(received).toMatchObject({
          boardApplicationId,
          candidate: { fullName: `${zoe.firstName} ${zoe.lastName}`, ...zoe },
        });
        expect(received.eeoAnswers).toEqual([]);
      });

      it("is the same one when it comes again", async () => {
        const { arrived, boardApplicationId } = await anApplication();
        await vendor.again(boardApplicationId);
        expect(arrived).toHaveLength(2);
        expect(arrived.map((message) => read(message))).toEqual([
          expect.objectContaining({ boardApplicationId }),
          expect.objectContaining({ boardApplicationId }),
        ]);
      });

      it.skipIf(applications.isUnsigned)("is not the board's when a byte of it is another one", async () => {
        const { message } = await anApplication();
        for (const at of [0, Math.floor(message.body.length / 2), message.body.length - 1]) {
          const body = Buffer.from(message.body);
          body.writeUInt8((body[at] ?? 0) ^ 1, at);
          expect(() => prove({ ...message, body }, keys, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
        }
      });

      it("is not the board's when somebody else signed it, or nobody", async () => {
        const { message } = await anApplication();
        const others = { secret: { clientSecret: "another", webhookKey: "another" }, clientSecret: "another" };
        const unsigned = { ...message, headers: { "content-type": "application/json" } };
        for (const [given, by] of [
          [message, { ...keys, ...others, signingKey: "another", proofs: ["another"] }],
          [message, { ...keys, secret: null, clientSecret: null, signingKey: null, proofs: [] }],
          ...(applications.isUnsigned ? [] : [[unsigned, keys] as const]),
        ] as const) {
          expect(() => prove(given, by, now)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
        }
      });

      it.each(["", "no JSON", "null", "[]", "{}", '"text"', '{"id":7}'])(
        "that makes no sense is told as such, without what is in it: %j",
        async (text) => {
          const message = { headers: {}, query: {}, body: Buffer.from(text) };
          expect(() => read(message)).toThrow(expect.objectContaining({ code: "PROVIDER_REPLY_INVALID" }));
        },
      );
    });

    describe.skipIf(!dispositions)("what becomes of one", () => {
      const { batchSize = 1, words, send } = dispositions ?? {};
      const told = applicationStatuses.filter((status) => words?.[status]);
      const changes = (
        { message, posting, boardApplicationId }: Awaited<ReturnType<typeof anApplication>>,
        statuses: readonly ApplicationStatus[],
      ): readonly StatusChange[] =>
        statuses.map((status, index) => ({
          boardApplicationId,
          boardReferences: parse(message.body, posting.job).boardReferences,
          status,
          reason: status === "REJECTED" ? "UNQUALIFIED" : null,
          stage: `Stage ${index}`,
          details: null,
          changedAt: new Date(now.getTime() - 60_000 + index * 1000),
        }));
      const tell = async (all: readonly StatusChange[]) => {
        const answers = [];
        for (let from = 0; from < all.length; from += batchSize) {
          answers.push(...((await send?.(account, all.slice(from, from + batchSize))) ?? []));
        }
        return answers;
      };

      it("has a word for each step, or for a reason none", () => {
        expect(Object.keys(words ?? {}).toSorted()).toEqual([...applicationStatuses].toSorted());
        expect(told.length).toBeGreaterThan(2);
      });

      it("is heard, step by step, in order", async () => {
        const application = await anApplication();
        const answers = await tell(changes(application, told));
        expect(answers).toEqual(told.map(() => null));
        const heard = vendor.heard(application.boardApplicationId);
        // Some boards leave out what they know already.
        expect(withoutRepeats(heard)).toEqual(withoutRepeats(told.map((status) => words?.[status] ?? "")));
      });

      it("is refused for an application that the board does not know, and for no other", async () => {
        const application = await anApplication();
        const [known] = changes(application, told.slice(0, 1));
        if (!known) throw new Error("Nothing is told");
        const nobodys = Object.keys(known.boardReferences).map((name) => [name, "urn:li:jobApplication:999999"]);
        const unknown = {
          ...known,
          boardApplicationId: "urn:li:jobApplication:999999",
          boardReferences: Object.fromEntries(nobodys),
        };
        const [refusal, none] = await tell([unknown, known]);
        expect(isIntegrationError(refusal, "PROVIDER_REFUSED", "NOT_FOUND")).toBe(true);
        expect(none).toBeNull();
      });

      it.each([
        ["rate-limited", "RATE_LIMITED"],
        ["down", "PROVIDER_UNAVAILABLE"],
        ["hung-up", "PROVIDER_UNAVAILABLE"],
        ["web-page", "PROVIDER_REPLY_INVALID"],
      ] as const)("that cannot be told now is told as such, and shows no secret: %s", async (trouble, code) => {
        const application = await anApplication();
        vendor.failNext(trouble);
        const error: unknown = await tell(changes(application, told.slice(0, 1))).catch((failure: unknown) => failure);
        expect(error).toMatchObject({ code, retryable: true });
        expect(vendor.secrets().filter((secret) => inspect(error, { depth: 10 }).includes(secret))).toEqual([]);
      });

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
      ] as const satisfies readonly FaultName[])(
        "is heard whole and in order under every pack of faults: %s",
        async (fault) => {
          const application = await anApplication();
          const recover = vendor.failOften(fault);
          for (const change of changes(application, told)) {
            await patiently(async () => {
              const [refusal] = (await send?.(account, [change])) ?? [];
              if (refusal) throw refusal;
            });
          }
          recover();
          const heard = vendor.heard(application.boardApplicationId);
          expect(withoutRepeats(heard)).toEqual(withoutRepeats(told.map((status) => words?.[status] ?? "")));
        },
      );
    });
  });
}

/** What is said twice in a row is said once: boards are told at least once. */
function withoutRepeats(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => word !== words[index - 1]);
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
