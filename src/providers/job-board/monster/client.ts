import { randomUUID } from "node:crypto";
import { IntegrationError } from "../../../errors.ts";
import { callSoap, childOf, childrenOf, refusal, textOf, type XmlElements } from "../../soap.ts";
import type { BoardAccount } from "../provider.ts";
import { places } from "./login.ts";

const vendor = "Monster";
const namespace = "http://schemas.monster.com/Monster";
const headerNamespace = "http://schemas.monster.com/MonsterHeader";
const security = "http://schemas.xmlsoap.org/ws/2002/04/secext";

/** What has to be known to call Monster. */
export type Caller = Pick<BoardAccount, "fetch" | "settings">;

/** What Monster says of one job. */
export interface JobAnswer {
  readonly postingId: string | null;
  readonly expiresAt: Date | null;
  readonly isTaken: boolean;
  /** Why not; empty when it was. */
  readonly words: string;
  /** Its `ReturnCode`. */
  readonly code: string;
}

/** Brings one job, or takes it off. What Monster does not take is in the answer. */
export async function sendJob(caller: Caller, job: XmlElements): Promise<JobAnswer> {
  const content = await call(caller, "UpdateJobs", { Job: { "@xmlns": namespace, ...job } });
  const response = childOf(childOf(content, "JobsResponse"), "JobResponse");
  if (response === undefined) throw unreadable("no JobResponse");
  const status = childOf(response, "Status");
  const returnCode = childOf(status, "ReturnCode");
  const posting = childOf(response, "JobPostingResponse");
  const code = textOf(returnCode);
  if (code === "") throw unreadable("no ReturnCode");
  const descriptions = childrenOf(childOf(status, "Descriptions"), "Description").map(textOf);
  return {
    postingId: attribute(posting, "postingId"),
    expiresAt: dateIn(attribute(posting, "expireDate")),
    isTaken: code === "0",
    words: descriptions.join(" "),
    code,
  };
}

/** How many postings are left; null where that cannot be read. */
export async function readInventory(caller: Caller): Promise<number | null> {
  const query = {
    "@xmlns": namespace,
    RecruiterReference: { UserName: caller.settings["recruiter"] ?? "" },
  };
  const content = await call(caller, "InventoriesQuery", { InventoriesQuery: query });
  const inventories = childrenOf(childOf(childOf(content, "InventoriesQueryResponse"), "Inventories"), "Inventory");
  const amounts = inventories.map((one) => Number.parseInt(textOf(childOf(one, "AvailableQuantity")), 10));
  const known = amounts.filter((amount) => !Number.isNaN(amount));
  return known.length > 0 ? known.reduce((sum, amount) => sum + amount, 0) : null;
}

function call({ fetch, settings }: Caller, action: string, body: XmlElements): Promise<unknown> {
  return callSoap(fetch, vendor, {
    url: new URL("bgwBroker", settings["serverUrl"]),
    action,
    header: {
      "mh:MonsterHeader": {
        "@xmlns:mh": headerNamespace,
        "mh:MessageData": { "mh:MessageId": randomUUID(), "mh:Timestamp": new Date().toISOString() },
      },
      "wsse:Security": {
        "@xmlns:wsse": security,
        "wsse:UsernameToken": { "wsse:Username": places.userName, "wsse:Password": places.password },
      },
    },
    body,
  });
}

/** Refusals by their words: what the codes mean is not public. */
const words = {
  notThere: /no active job|not found|does not exist/i,
  noneLeft: /inventor/i,
};

export function isNotThere({ isTaken, words: said }: JobAnswer): boolean {
  return !isTaken && words.notThere.test(said);
}

/** @returns the answer @throws {IntegrationError} PROVIDER_REFUSED, QUOTA_EXHAUSTED */
export function taken(answer: JobAnswer): JobAnswer {
  if (answer.isTaken) return answer;
  if (words.noneLeft.test(answer.words)) {
    throw new IntegrationError("QUOTA_EXHAUSTED", `${vendor} has no postings left for this account`, {
      remedy: "Buy some, or close a posting that is not needed.",
      providerCode: answer.code,
    });
  }
  throw refusal(vendor, answer.words, answer.code);
}

function attribute(element: unknown, name: string): string | null {
  return textOf(childOf(element, `@${name}`)) || null;
}

function dateIn(text: string | null): Date | null {
  const at = new Date(text ?? "");
  return Number.isNaN(at.getTime()) ? null : at;
}

function unreadable(what: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `${vendor} answered ${what}`);
}
