import type { AccountFetch, AccountFetchFor } from "./account-fetch.ts";
import type { OAuth } from "./oauth.ts";

/** What an adapter needs at every call and nobody has to hide. */
export type AccountSettings = Readonly<Record<string, string>>;

/** One field of a connect form. The four fixed names are serverUrl, username, password and apiKey. */
export interface CredentialField {
  readonly name: string;
  readonly label: string;
  readonly kind: "TEXT" | "SECRET" | "URL" | "CHOICE";
  readonly required: boolean;
  /** The choices of a CHOICE. */
  readonly options: readonly string[];
  /** Where a person finds the value. */
  readonly help: string;
}

/** How a person signs in with fields of a form. */
export interface Credentials<Proven> {
  readonly kind: "credentials";
  readonly fields: readonly CredentialField[];
  /**
   * Proves the credentials at the vendor before anything is stored. `open` gives an HTTP client that sends the
   * credentials to the origins named, and to no other.
   *
   * @throws {IntegrationError} CREDENTIALS_REJECTED, INVALID_INPUT with the field, EGRESS_REFUSED,
   *   PROVIDER_REPLY_INVALID when what answers is not this vendor's kind of server
   */
  connect(values: Readonly<Record<string, string>>, open: AccountFetchFor): Promise<Proven & ProvenSecret>;
  /** The `Authorization` header for a stored secret. */
  authorization(secret: Readonly<Record<string, string>>): string;
  /** Where that header may go, for stored settings. */
  origins(settings: AccountSettings): readonly string[];
  /** What becomes of the secret at the vendor when the account is disconnected. */
  readonly revocation: CredentialsRevocation;
}

/** What was entered, to be sealed before it is stored. */
export interface ProvenSecret {
  readonly secret: Readonly<Record<string, string>>;
}

export type CredentialsRevocation =
  /** The secret was made for us alone, and is deleted at the vendor. What is deleted already is no error. */
  | {
      readonly kind: "delete";
      revoke(account: { readonly fetch: AccountFetch; readonly settings: AccountSettings }): Promise<void>;
    }
  /** It stays valid. The reason is shown to people. */
  | { readonly kind: "none"; readonly reason: string };

/** How a person signs in: with a form of ours, or at the vendor's consent page. `Proven` is what that shows of the account. */
export type ProviderAuth<Proven> = Credentials<Proven> | OAuth<Proven>;

/** What the vendor allows, as its own pages say it. */
export interface ProviderLimits {
  readonly description: string;
  /** What using it costs. */
  readonly cost: string;
}
