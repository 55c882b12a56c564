import type { AccountFetch } from "./account-fetch.ts";
import type { OAuth, TokenAddresses } from "./oauth.ts";
import type { AccountSettings, CredentialField, CredentialsRevocation, ProvenSecret } from "./provider.ts";
import type { OAuthClient } from "./token-endpoint.ts";

/**
 * How an account is opened that no person consents to: with a form of ours, after which a client asks for access tokens by
 * itself (RFC 6749 §4.4). That client is the operator's own registration or, where the vendor gives each customer one of its
 * own, the one that `connect` puts into the secret as `clientId` and `clientSecret`.
 */
export interface ClientCredentials<Proven>
  extends Pick<OAuth<Proven>, "clientAuthentication" | "authorizationScheme" | "scopes" | "explainTokenError"> {
  readonly kind: "clientCredentials";
  readonly fields: readonly CredentialField[];
  endpoints(settings: AccountSettings): TokenAddresses;
  /**
   * Proves what was entered before anything is stored. Harmless twice, and after a crash: what an earlier attempt made at the
   * vendor is found again, or left alone.
   *
   * @throws {IntegrationError} INVALID_INPUT with the field, CREDENTIALS_REJECTED, PREREQUISITE_MISSING, NOT_CONFIGURED
   *   when the vendor refuses the operator's own registration
   */
  connect(values: Readonly<Record<string, string>>, clients: Clients): Promise<Proven & ProvenSecret>;
  readonly revocation: Extract<CredentialsRevocation, { readonly kind: "none" }>;
}

/** What `connect` works with. */
export interface Clients extends TokenAddresses {
  /** Of the connection that is being made, the same however often that is tried: a lower-case UUID. */
  readonly connectionId: string;
  /**
   * The same for every connection of one tenant, and another for each tenant: 12 lower-case hex digits. It goes into whatever
   * people name, where the accounts of all tenants share the operator's client and the vendor tells them apart by that name.
   */
  readonly tenantMark: string;
  /** The client that the account has already, when it is connected again; null when it has none of its own. */
  readonly known: OAuthClient | null;
  /** HTTP below `apiUrl` in the name of the operator's registration. */
  readonly fetchAsOperator: AccountFetch;
  /** The same in the name of another client. @throws {IntegrationError} at the first call, when the vendor refuses it */
  fetchAs(client: OAuthClient): AccountFetch;
}

/** The account's own client in a stored secret; null where tokens are asked for with the operator's. */
export function ownClientIn({ clientId, clientSecret }: Readonly<Record<string, string>>): OAuthClient | null {
  return clientId === undefined ? null : { id: clientId, secret: clientSecret ?? null };
}
