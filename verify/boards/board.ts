import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "./stage.ts";

/** A job that stands on a board, as those see it who apply there. */
export interface OpenJob {
  readonly board: string;
  /** Somebody applies. @returns the board's name for the application */
  apply(email: string): Promise<string>;
  /** The board brings an application once more, as when it is not sure that it arrived. */
  again(application: string): Promise<unknown>;
  /** The board brings what has not arrived yet. */
  retry(): Promise<unknown>;
  /** How many have not. */
  waiting(): number;
  /** What the board was told of an application, in order. */
  heard(application: string): readonly string[];
  /** What it is to be told for each status, where it is told of it. */
  readonly words: Readonly<Record<string, string | null>>;
  /** It is down, until the function returned is called. */
  fail(): () => void;
}

/** What a job is posted with at one board. */
export interface BoardPlan {
  readonly provider: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly job: Readonly<Record<string, unknown>>;
  /** Finds the job at the board, once it was sent; null until then. @param turn how often it was looked for */
  find(reference: string): Promise<OpenJob | null>;
}

const minuteMs = 60_000;

interface Posted {
  readonly results: readonly { readonly jobPosting: { readonly id: string; readonly state: string } | null }[];
}

/** Connects a board, and posts a job there. */
export async function postJob(
  stage: Pick<Stage, "mutate" | "work">,
  { provider, credentials, job, find }: BoardPlan,
): Promise<OpenJob> {
  const { integration } = await stage.mutate<{ integration: { id: string } }>(
    "connectIntegration",
    { provider, credentials: Object.entries(credentials).map(([name, value]) => ({ name, value })) },
    "integration { id }",
  );
  const externalReference = `DRILL-${provider}`;
  const whole = {
    externalReference,
    title: "Service engineer",
    description: `<p>${"You talk with customers, and mend what they show you. ".repeat(4)}</p>`,
    location: { city: "Austin", region: "TX", country: "US" },
    company: { name: "Muster AG" },
    applyUrl: "https://careers.example.test/apply/1",
    contactName: "Ana Muster",
    contactEmail: "ana@example.test",
    applyMethod: "BOARD_NATIVE",
    ...job,
  };
  const input = { jobId: `job-at-${provider}`, job: whole, integrationIds: [integration.id] };
  const { results } = await stage.mutate<Posted>("postJob", input, "results { jobPosting { id state } }");
  const [{ jobPosting: posting = null } = {}] = results;
  // What costs money is approved by somebody else.
  if (posting?.state === "PENDING_APPROVAL") {
    await stage.mutate("approveJobPosting", { id: posting.id }, "jobPosting { id }", "bo");
  }
  for (let turn = 0; turn < 20; turn += 1) {
    await stage.work(5 * minuteMs);
    const found = await find(externalReference);
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`The job never stood at ${provider}`);
}
