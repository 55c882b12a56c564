import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { ZipRecruiterTwin } from "../../sandbox/ziprecruiter-twin.ts";
import { ziprecruiter } from "../../src/providers/job-board/ziprecruiter.ts";
import type { ApplyingVendor } from "../contract/board-applications.ts";
import { type ConnectedByForm, connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface ZipRecruiterVendor extends ApplyingVendor {
  readonly sandbox: Sandbox;
  readonly twin: ZipRecruiterTwin;
  /** Connects with what a person enters; the operator has a key. */
  connectAs(values: Readonly<Record<string, string>>): Promise<ConnectedByForm>;
}

/** ZipRecruiter's twin, where the operator has a partner's key. */
export async function createZipRecruiterVendor(): Promise<ZipRecruiterVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { ziprecruiter: twin, settings } = sandbox;
  /** What signals name, by what applications are called. */
  const known = new Map<string, string>();
  const connectAs = (values: Readonly<Record<string, string>>) => connectByForm(ziprecruiter, settings, values);
  return {
    sandbox,
    twin,
    connectAs,
    connect: () => connectAs({ employerId: "muster" }),
    connectWrongly: () => connectAs({ employerId: "muster", apiKey: "no-key-of-ziprecruiter" }),
    secrets: () => twin.issuedSecrets(),
    seen: (_account, reference) =>
      twin
        .jobs()
        .filter(({ job }) => job.partner_attributes?.["reference"] === reference)
        .map(({ job, closedAt }) => ({ title: job.title, isOpen: closedAt === null })),
    finishReviews: () => {},
    loseAnswer: () => void twin.fail("truncated", { times: 1, path: "partner/v0/job" }),
    ...troublesOf(twin),
    keys: async () => ({
      secret: {},
      clientSecret: null,
      signingKey: settings["ZIPRECRUITER_WEBHOOK_SIGNING_KEY"] ?? null,
      applyToken: null,
    }),
    sendTo: (url) => twin.registerWebhook(url),
    async apply(reference, applicant) {
      const stored = twin.jobs().find(({ job }) => job.partner_attributes?.["reference"] === reference);
      if (!stored) throw new Error(`ZipRecruiter has no ${reference}`);
      const { responseId, zrApplicationId } = await twin.apply(stored.job.job_id, applicant);
      known.set(responseId, zrApplicationId ?? "");
      return responseId;
    },
    again: (responseId) => twin.replay(responseId),
    heard: (responseId) => twin.signals(known.get(responseId)).map(({ event }) => event),
    stop: () => sandbox.stop(),
  };
}
