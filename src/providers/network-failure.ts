import { IntegrationError } from "../errors.ts";

interface Explanation {
  /** What became of the host, to be read after its name. */
  readonly says: string;
  readonly remedy?: string;
}

const notFound: Explanation = { says: "was not found", remedy: "Check the spelling of the server's address." };
const timedOut: Explanation = { says: "did not answer in time" };
const hungUp: Explanation = { says: "closed the connection before it had answered" };
const unreachable: Explanation = { says: "cannot be reached from here" };
const noTls: Explanation = {
  says: "does not answer over https",
  remedy: "Check the server's address and port; it must answer over https.",
};
const badCertificate: Explanation = {
  says: "has a TLS certificate that is not valid",
  remedy: "Its operator must install a valid certificate for this name, with the whole chain.",
};

// https://nodejs.org/api/errors.html#common-system-errors, and undici's own beginning with UND_
const explanations: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: notFound,
  EAI_AGAIN: { says: "could not be looked up" },
  ECONNREFUSED: { says: "refused the connection", remedy: "Check the server's address and port." },
  ECONNRESET: hungUp,
  EPIPE: hungUp,
  UND_ERR_SOCKET: hungUp,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: timedOut,
  UND_ERR_CONNECT_TIMEOUT: timedOut,
  UND_ERR_HEADERS_TIMEOUT: timedOut,
  UND_ERR_BODY_TIMEOUT: timedOut,
  EPROTO: noTls,
};

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const certificateCode =
  /^(CERT_|CRL_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE))/;

/** Our error for a call that got no reply from `host`; undefined when it was not the network that failed. */
export function explainNetworkFailure(error: unknown, host: string): IntegrationError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;

  // The body said that it was compressed, and was not.
  if (code.startsWith("Z_")) {
    return new IntegrationError("PROVIDER_REPLY_INVALID", `${host} sent a reply that cannot be read`, { cause: error });
  }
  const explanation = explain(code);
  if (!explanation) return undefined;
  const { says, remedy } = explanation;
  return new IntegrationError("PROVIDER_UNAVAILABLE", `${host} ${says}`, { cause: error, remedy, providerCode: code });
}

function explain(code: string): Explanation | undefined {
  if (code === "TimeoutError") return timedOut;
  if (certificateCode.test(code)) return badCertificate;
  if (code.startsWith("ERR_SSL_")) return noTls;
  return explanations[code];
}
