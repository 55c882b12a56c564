import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";

/** TLS options that say whom to trust; empty for those whom Node trusts by itself. */
export interface Trust {
  readonly secureContext?: SecureContext;
}

/** @param certificates PEM, trusted beside those that Node brings */
export function trusting(certificates: readonly string[]): Trust {
  if (certificates.length === 0) return {};
  // A list of one's own replaces Node's, and reading it takes milliseconds: once, not at each connection.
  return { secureContext: createSecureContext({ ca: [...rootCertificates, ...certificates] }) };
}
