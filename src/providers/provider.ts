import type { AccountFetchFor } from "./account-fetch.ts";

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
export interface CredentialsAuth<Connected> {
  readonly kind: "credentials";
  readonly fields: readonly CredentialField[];
  /**
   * Proves the credentials at the vendor before anything is stored. `open` gives an HTTP client that sends the
   * credentials to the origins named, and to no other.
   *
   * @throws {IntegrationError} CREDENTIALS_REJECTED, INVALID_INPUT with the field, EGRESS_REFUSED,
   *   PROVIDER_REPLY_INVALID when what answers is not this vendor's kind of server
   */
  connect(values: Readonly<Record<string, string>>, open: AccountFetchFor): Promise<Connected>;
  /** The `Authorization` header for a stored secret. */
  authorization(secret: Readonly<Record<string, string>>): string;
  /** Where that header may go, for stored settings. */
  origins(settings: Readonly<Record<string, string>>): readonly string[];
}

export type ProviderAuth<Connected> = CredentialsAuth<Connected>;

/** How an account's access is kept alive. Every provider declares it; there is no default. */
export type TokenRenewal =
  /** Passwords and keys: nothing expires by itself. The reason is shown to people. */
  { readonly kind: "none"; readonly reason: string };

/** What the vendor allows, as its own pages say it. */
export interface ProviderLimits {
  readonly description: string;
  /** What using it costs. */
  readonly cost: string;
}
