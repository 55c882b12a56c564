import { IntegrationError, isIntegrationError } from "../errors.ts";

export interface MailFailure {
  readonly error: IntegrationError;
  /** Whether the server has said no; else nothing was heard of it, and it may have taken what it had whole. */
  readonly isAnswer: boolean;
}

const checkUrl = "The operator has to check SMTP_URL.";
const waits =
  "Nothing has to be done: it is tried again. When it lasts, the operator has to look at the mail server that SMTP_URL names.";

/** What a failure of nodemailer's means, which keeps the code of Node's own in `originalCode`; null for one that is a fault of ours. */
export function explainMailFailure(failure: unknown): MailFailure | null {
  if (isIntegrationError(failure)) return { error: failure, isAnswer: true };
  if (!(failure instanceof Error)) return null;
  const code = "code" in failure && typeof failure.code === "string" ? failure.code : failure.name;
  const original = "originalCode" in failure && typeof failure.originalCode === "string" ? failure.originalCode : code;
  if (code === "ETLS" || certificateCode.test(original)) return { error: noTls(failure, original), isAnswer: true };
  const status = "responseCode" in failure && typeof failure.responseCode === "number" ? failure.responseCode : null;
  if (status !== null) return { error: explainAnswer(status, code, failure), isAnswer: true };
  if (code === "EAUTH") return { error: refusedLogin(failure, code), isAnswer: true };
  if (!fromTheNetwork.has(code)) return null;
  const says = code === "ETIMEDOUT" || code === "TimeoutError" ? "did not answer in time" : "cannot be reached";
  return { error: unavailable(`The mail server ${says}`, failure, original), isAnswer: false };
}

/** Nodemailer's own words, and those of Node that it lets through. */
const fromTheNetwork: ReadonlySet<string> = new Set([
  ...["ECONNECTION", "ETIMEDOUT", "ESOCKET", "EDNS", "EPROTOCOL", "ESTREAM", "TimeoutError"],
  ...["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EPIPE", "EHOSTUNREACH", "ENETUNREACH"],
]);

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const certificateCode =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_)/;

/** @param status of an answer of the server's (RFC 5321 §4.2), which is no success */
function explainAnswer(status: number, code: string, cause: Error): IntegrationError {
  const said = String(status);
  // RFC 4954 §6: 454 is a trouble of the server's own.
  if (code === "EAUTH" && status >= 500) return refusedLogin(cause, said);
  // RFC 4954 §6: it wants a login, or a stronger one.
  if (status === 530 || status === 534 || status === 538) return refusedLogin(cause, said);
  if (status < 500) return unavailable("The mail server takes no mail now", cause, said);
  // RFC 3463 §3.4 and RFC 1870 §6.1.
  const isTooLarge = status === 552;
  return new IntegrationError(
    "PROVIDER_REFUSED",
    isTooLarge ? "The mail is larger than the mail server takes" : "The mail server refuses this mail",
    { cause, providerCode: said, remedy: isTooLarge ? "The operator has to allow larger mails." : checkSender },
  );
}

const checkSender = "The operator has to see in the log why, and check SMTP_URL and SMTP_FROM.";

function refusedLogin(cause: Error, providerCode: string): IntegrationError {
  return new IntegrationError("NOT_CONFIGURED", "The mail server refuses the login of this installation", {
    ...{ cause, providerCode, remedy: checkUrl },
  });
}

function noTls(cause: Error, providerCode: string): IntegrationError {
  return new IntegrationError(
    "NOT_CONFIGURED",
    "The mail server cannot be spoken to over TLS, or shows no valid certificate",
    {
      ...{ cause, providerCode },
      remedy: `${checkUrl} A server without encryption, on a network of its own, is named with ?tls=off.`,
    },
  );
}

function unavailable(message: string, cause: Error, providerCode: string): IntegrationError {
  return new IntegrationError("PROVIDER_UNAVAILABLE", message, { cause, providerCode, remedy: waits });
}
