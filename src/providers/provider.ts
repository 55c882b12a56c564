import type { AccountFetch, AccountFetchFor } from "./account-fetch.ts";
import type { LoginFlow } from "./login-flow.ts";
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
  /** Where the vendor is, when nobody has to say. `connect` is told it as `serverUrl`, as the operator may have moved it. */
  readonly serverUrl?: string;
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
  /** Whether it may go to this origin too, on the way that the vendor's own redirects lead. */
  isOwnOrigin?(origin: URL, settings: AccountSettings): boolean;
  /** A page of the vendor's that fills in what people rather do not enter; absent where there is none. */
  readonly loginFlow?: LoginFlow;
  /** What becomes of the secret at the vendor when the account is disconnected. */
  readonly revocation: CredentialsRevocation;
}

/** What was entered, to be sealed before it is stored. */
export interface ProvenSecret {
  readonly secret: Readonly<Record<string, string>>;
}

export type CredentialsRevocation =
  /**
   * The secret was made for us alone, and is deleted at the vendor; what is deleted already is no error. `revoke` answers why it
   * stays valid all the same, in words for people, or null. At `accountUrl` people see what is left, and end it themselves.
   */
  | {
      readonly kind: "delete";
      revoke(account: { readonly fetch: AccountFetch; readonly settings: AccountSettings }): Promise<string | null>;
      accountUrl?(settings: AccountSettings): string;
    }
  /** It stays valid. The reason is shown to people, who can end it at `accountUrl`. */
  | { readonly kind: "none"; readonly reason: string; readonly accountUrl?: string };

/** How a person signs in: with a form of ours, or at the vendor's consent page. `Proven` is what that shows of the account. */
export type ProviderAuth<Proven> = Credentials<Proven> | OAuth<Proven>;

/** So many calls in so many seconds, whenever those begin. */
export interface CallWindow {
  readonly calls: number;
  readonly seconds: number;
}

/** What the vendor allows, and what we keep to of our own accord, over all processes. */
export interface ProviderLimits {
  /** As the vendor's own pages say it. */
  readonly description: string;
  /** So many calls of one account at the same time: fewer than the vendor allows; two when it is left out. */
  readonly concurrentCalls?: number;
  /** Of one account. */
  readonly perAccount?: CallWindow;
  /** Of all accounts of this service together. */
  readonly perApp?: CallWindow;
  /**
   * What a 429 is about: the account that met it, as when this is left out, or everybody who calls the server from here.
   */
  readonly pauses?: "account" | "server";
  /**
   * The vendor's words (`errorCodeIn`) for a spent quota in a 400 or 403, and for how many seconds the account is then left alone;
   * null when it does not say, as with a 429 without `Retry-After`.
   */
  readonly quotaWords?: Readonly<Record<string, number | null>>;
  /** What using it costs. */
  readonly cost: string;
}

/** How many calls of one account are made at the same time. */
export function concurrentCallsOf({ concurrentCalls = 2 }: ProviderLimits): number {
  return concurrentCalls;
}

/** What the vendor allows and what we keep to, for people. */
export function inWords(limits: ProviderLimits): string {
  const most = concurrentCallsOf(limits);
  return `${limits.description} This service makes at most ${most} calls of one account at the same time, and waits by itself.`;
}
