import { IntegrationError } from "../errors.ts";

/** No consent: the person, or the vendor on their behalf, said no, or not to everything. */
export class ConsentRefused extends IntegrationError {}

/**
 * What a vendor's error on the way back means (RFC 6749 §4.1.2.1); null is a way back with neither code nor error.
 *
 * @param explained what the provider makes of the vendor's own words
 */
export function refusalOf(
  vendor: string,
  error: string | null,
  explained?: { readonly providerCode: string; readonly remedy: string },
): IntegrationError {
  if (explained) return new ConsentRefused("PROVIDER_REFUSED", `${vendor} refused to ask for consent`, explained);
  switch (error) {
    case null:
      return new IntegrationError("PROVIDER_REPLY_INVALID", `${vendor} sent the browser back without an answer`, {
        remedy: "Connect again.",
      });
    case "temporarily_unavailable":
    case "server_error":
      return new IntegrationError("PROVIDER_UNAVAILABLE", `${vendor} cannot ask for consent now`, {
        providerCode: error,
        remedy: "Connect again in a while.",
      });
    case "access_denied":
    case "consent_required":
      return new ConsentRefused("PROVIDER_REFUSED", `Consent was refused at ${vendor}`, {
        providerCode: error,
        remedy: "Connect again, and allow the access.",
      });
    default:
      return new ConsentRefused("PROVIDER_REFUSED", `${vendor} refused to ask for consent`, {
        providerCode: error,
        remedy: "Ask the administrator of the account, or the operator of this service.",
      });
  }
}

/** @param lacking the scopes that the person took away */
export function notEverythingAllowed(vendor: string, lacking: readonly string[]): ConsentRefused {
  return new ConsentRefused("PREREQUISITE_MISSING", `${vendor} was not allowed everything that is needed`, {
    remedy: "Connect again, and leave every box on the consent page ticked.",
    providerCode: lacking.join(" "),
  });
}
