import type { AccountSettings } from "../provider.ts";
import { textOf } from "./description.ts";
import type { Job } from "./job.ts";
import type { PostingOperation } from "./provider.ts";

/** What a person is asked to do at a board. */
export interface ManualStep {
  readonly operation: PostingOperation;
  readonly job: Job;
  readonly settings: AccountSettings;
  /** Where candidates see the posting; null as long as nobody has said. */
  readonly postingUrl: string | null;
}

/** One field of a board's form, as the form names it, and what to enter. */
export interface FormEntry {
  readonly label: string;
  /** Plain text, which can be pasted anywhere. */
  readonly value: string;
  /** The same with its formatting, where it has some; else null. */
  readonly html: string | null;
}

/** How a person brings jobs to a board that takes no calls. */
export interface ManualPosting {
  /** The page on which it is done. */
  pageFor(step: ManualStep): string;
  /** What the form asks for, in its order; what the job has nothing for is left out. */
  entriesOf(job: Job): readonly FormEntry[];
  /** What to do there, in order, for people. */
  checklistFor(step: ManualStep): readonly string[];
  /** Within so many days it should be done. */
  readonly daysToAct: number;
  /** Whether candidates could see a posting of this board's at such an address. */
  isPostingUrl(url: URL, settings: AccountSettings): boolean;
  /** Set where a posting is prolonged by itself, and paid for again. */
  readonly renewal?: ManualRenewal;
}

/** The entries that there is something for. */
export function entriesIn(all: Readonly<Record<string, string | Formatted | null>>): readonly FormEntry[] {
  return Object.entries(all).flatMap(([label, given]) => {
    const html = typeof given === "string" ? null : (given?.html ?? null);
    const value = typeof given === "string" ? given : textOf(html ?? "");
    return value === "" ? [] : [{ label, value, html }];
  });
}

/** A text with formatting: people paste it as plain text, and front ends may copy it as it is. */
export interface Formatted {
  readonly html: string;
}

/** Whether an address is a page below the board's own: the front page shows no posting. */
export function isPageOf(serverUrl: string, { protocol, hostname, pathname }: URL): boolean {
  const server = new URL(serverUrl);
  const isSameHost = hostname === server.hostname || hostname.endsWith(`.${server.hostname}`);
  const isBelow = pathname.startsWith(server.pathname) && pathname.length > server.pathname.length;
  return isSameHost && isBelow && protocol === server.protocol;
}

/** A posting is renewed after so many days, counted from when it went live, and again and again. */
export interface ManualRenewal {
  readonly everyDays: number;
  /** So long before, whoever posted it is reminded. */
  readonly noticeDays: number;
}
