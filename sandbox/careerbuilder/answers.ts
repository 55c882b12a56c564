import { envelope, escapeXml } from "../soap/envelope.ts";
import type { TwinReply } from "../twin.ts";
import type { DpiError } from "./errors.ts";
import type { Processed } from "./job-post.ts";
import type { StoredJob, StoredTransaction } from "./state.ts";

export const namespace = "http://dpi.careerbuilder.com/WebServices/";

/** What `ProcessJob` answers. */
export function processJobAnswer({ errors, action, job, transactionDid }: Processed, postStatus: string): TwinReply {
  return answer("ProcessJob", {
    Errors: errors,
    Action: action,
    JobDID: job?.did ?? "",
    ProductID: job ? "PROD1" : "",
    UserJobID: job?.jobId ?? "",
    PREndDate: job ? job.expiresAt.toISOString().slice(0, 19) : "",
    TransactionDID: transactionDid ?? "",
    PostStatus: transactionDid === null ? "" : postStatus,
  });
}

/** What `GetJobPostStatus` answers. */
export function statusAnswer(
  transaction: StoredTransaction,
  job: StoredJob | undefined,
  { postStatus, errors }: { readonly postStatus: string; readonly errors: readonly DpiError[] },
): TwinReply {
  return answer("GetJobPostStatus", {
    Errors: errors,
    TransactionDID: transaction.did,
    JobDID: transaction.jobDid,
    PREndDate: job ? job.expiresAt.toISOString().slice(0, 19) : "",
    PostStatus: postStatus,
  });
}

export function errorAnswer(operation: string, errors: readonly DpiError[]): TwinReply {
  return answer(operation, { Errors: errors });
}

function answer(operation: string, fields: Readonly<Record<string, string | readonly DpiError[]>>): TwinReply {
  const parts = Object.entries(fields).map(([name, value]) => {
    if (typeof value === "string") return `<${name}>${escapeXml(value)}</${name}>`;
    const errors = value.map(
      ({ code, text }) =>
        `<DPIError><ErrorCode>${code}</ErrorCode><ErrorText>${escapeXml(text)}</ErrorText></DPIError>`,
    );
    return `<${name}>${errors.join("")}</${name}>`;
  });
  return envelope(
    `<${operation}Response xmlns="${namespace}"><${operation}Result>${parts.join("")}</${operation}Result></${operation}Response>`,
  );
}
