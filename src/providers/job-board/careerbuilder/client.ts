import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import {
  callSoap,
  childOf,
  childrenOf,
  escapeXml,
  readXml,
  refusal,
  statusOfFault,
  textOf,
  writeXml,
} from "../../soap.ts";
import type { Job } from "../job.ts";
import type { BoardAccount } from "../provider.ts";
import { type DpiAction, jobElement } from "./document.ts";

const vendor = "CareerBuilder";
const namespace = "http://dpi.careerbuilder.com/WebServices/";

/** What has to be known to call it. */
type Caller = Pick<BoardAccount, "fetch" | "settings">;

/** Where the login stands in the text of each job; the text itself stands in a message of SOAP. */
const places = { userName: "{user-name}", password: "{password}" };

/** An answer's fields; texts that are not there are empty. */
const Answer = z.object({
  JobDID: z.string(),
  TransactionDID: z.string(),
  PREndDate: z.string(),
  PostStatus: z.string(),
});
export type DpiAnswer = z.infer<typeof Answer> & { readonly errors: readonly DpiError[] };

export interface DpiError {
  readonly code: string;
  readonly text: string;
}

/** Hands one job in. What it does not take is in `errors`. */
export async function processJob(caller: Caller, action: DpiAction, job: Job): Promise<DpiAnswer> {
  const { settings } = caller;
  const vendorId = settings["vendorId"] ?? "";
  const document = {
    Jobs: {
      VendorID: vendorId,
      UserName: places.userName,
      Password: places.password,
      Replacement: "no",
      Origin: vendorId,
      Job: jobElement(action, job, settings),
    },
  };
  return call(caller, "RealTimeJobPost.asmx", "ProcessJob", { xmlJob: writeXml(document) });
}

/** The message with the login in it: as text of XML that is itself text of XML. */
export function fillIn(message: string, { userName = "", password = "" }: Readonly<Record<string, string>>): string {
  const twice = (text: string) => escapeXml(escapeXml(text));
  // The first place of each is the login's own: jobs come after it, whatever they say.
  return message.replace(places.userName, () => twice(userName)).replace(places.password, () => twice(password));
}

/** What became of a job that was handed in. @param did of its transaction */
export async function readPostStatus(caller: Caller, did: string): Promise<DpiAnswer> {
  return call(caller, "RealTimeJobStatus.asmx", "GetJobPostStatus", { sTGDID: did });
}

async function call(
  { fetch, settings }: Caller,
  service: string,
  operation: string,
  parameters: Readonly<Record<string, string>>,
): Promise<DpiAnswer> {
  const content = await callSoap(fetch, vendor, {
    url: new URL(`WebServices/${service}`, settings["serverUrl"]),
    action: `${namespace}${operation}`,
    body: { [operation]: { "@xmlns": namespace, ...parameters } },
  });
  const result = childOf(childOf(content, `${operation}Response`), `${operation}Result`);
  if (result === undefined)
    throw new IntegrationError("PROVIDER_REPLY_INVALID", `${vendor} answered no ${operation}Result`);
  const text = (name: string) => textOf(childOf(result, name));
  const fields = Object.keys(Answer.shape) as (keyof z.infer<typeof Answer>)[];
  return {
    ...(Object.fromEntries(fields.map((name) => [name, text(name)])) as z.infer<typeof Answer>),
    errors: errorsIn(result),
  };
}

function errorsIn(result: unknown): readonly DpiError[] {
  return childrenOf(childOf(result, "Errors"), "DPIError").map((error) => ({
    code: textOf(childOf(error, "ErrorCode")),
    text: textOf(childOf(error, "ErrorText")),
  }));
}

/** Errors by their words: no codes are public. */
const words = {
  login: /password|user ?name|login|account code|vendor id|not authori[sz]ed/i,
  isThere: /already exists|duplicate/i,
  isNotThere: /not found|no job|does not exist/i,
  noneLeft: /postings? left|no postings|quota|inventory|credit/i,
};

export function tellsOf(kind: Exclude<keyof typeof words, "login">, { errors }: DpiAnswer): boolean {
  return errors.some(({ text }) => words[kind].test(text));
}

/** A login that is wrong is told in an answer of 200, or as a fault. */
export function statusIn(body: unknown): number | undefined {
  const fault = statusOfFault(body);
  if (fault !== undefined || typeof body !== "string") return fault;
  const result = childOf(childOf(readXml(body), "Envelope"), "Body");
  const answers = ["ProcessJob", "GetJobPostStatus"].flatMap((operation) =>
    errorsIn(childOf(childOf(result, `${operation}Response`), `${operation}Result`)),
  );
  return answers.some(({ text }) => words.login.test(text)) ? 401 : undefined;
}

/** Why a job was not taken. */
export function refusedBy(answer: DpiAnswer): IntegrationError {
  const [first] = answer.errors;
  if (tellsOf("noneLeft", answer)) {
    return new IntegrationError("QUOTA_EXHAUSTED", `${vendor} has no postings left for this account`, {
      remedy: "Buy some, or close a posting.",
      providerCode: first?.code,
    });
  }
  return refusal(vendor, answer.errors.map(({ text }) => text).join(" "), first?.code);
}
