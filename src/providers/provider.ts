import type { AccountFetch, AccountFetchFor } from "./account-fetch.ts";
import type { ClientCredentials } from "./client-credentials.ts";
import type { LoginFlow } from "./login-flow.ts";
import type { OAuth } from "./oauth.ts";
import type { TokenRenewal } from "./token-renewal.ts";
import type { ErrorCodeIn, StatusIn } from "./vendor-code.ts";

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

/** Who an account is, as its login has proved. */
export interface ProvenIdentity {
  /** Who it is at the vendor; reconnecting must meet the same one. */
  readonly externalId: string;
  /** Shown to people, for example the user name. */
  readonly displayName: string;
  readonly settings: AccountSettings;
}

/** One account as an adapter sees it: what to call with, and where. It knows no password and no token. */
export interface VendorAccount {
  readonly fetch: AccountFetch;
  readonly settings: AccountSettings;
  /** Where the vendor's API begins, with a slash at the end; empty where `settings` say it. */
  readonly apiUrl: string;
}

/** How a person signs in with fields of a form. */
export interface Credentials<Proven> {
  readonly kind: "credentials";
  readonly fields: readonly CredentialField[];
  /** Where the vendor is, when nobody has to say. `connect` is told it as `serverUrl`, as the operator may have moved it. */
  readonly serverUrl?: string;
  /**
   * Whether the operator may have one key for everybody, in `<PROVIDER>_API_KEY`. Nobody has to enter `apiKey` then: `connect`
   * and `authorization` are told that one, and it is not stored with accounts. Absent where everybody has a key, or none.
   */
  readonly takesOperatorKey?: true;
  /**
   * Proves the credentials at the vendor before anything is stored. `open` gives an HTTP client that sends the
   * credentials to the origins named, and to no other.
   *
   * @throws {IntegrationError} CREDENTIALS_REJECTED, INVALID_INPUT with the field, EGRESS_REFUSED,
   *   PROVIDER_REPLY_INVALID when what answers is not this vendor's kind of server
   */
  connect(values: Readonly<Record<string, string>>, open: AccountFetchFor): Promise<Proven & ProvenSecret>;
  /** The `Authorization` header for a stored secret; null where nobody has to prove anything. */
  authorization(secret: Readonly<Record<string, string>>): string | null;
  /**
   * Writes the secret into a message, for a vendor that wants it there and not in a header. The adapter's message has a place for
   * it, and the adapter does not see it.
   */
  fillIn?(message: string, secret: Readonly<Record<string, string>>): string;
  /** Where that header, or such a message, may go, for stored settings. */
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

/**
 * How a person signs in: with a form of ours, at the vendor's consent page, or with a form after which clients of ours ask
 * for tokens by themselves. `Proven` is what that shows of the account.
 */
export type ProviderAuth<Proven> = Credentials<Proven> | OAuth<Proven> | ClientCredentials<Proven>;

/** Signing in with a form of ours, at a vendor that has a consent page too. */
export interface SecondSignIn<Proven> {
  readonly auth: Credentials<Proven>;
  readonly renewal: Extract<TokenRenewal, { readonly kind: "none" }>;
}

/** How often an account is read while the vendor tells us of nothing; the operator may say otherwise. */
export interface Freshness {
  /** While it is in use. Never more often. */
  readonly floorSeconds: number;
  /** When nothing has happened in it for long. */
  readonly defaultSeconds: number;
}

/** What every provider has, whatever it is for. `Proven` is what signing in shows of an account. */
export interface ProviderBase<Proven extends ProvenIdentity> {
  /** In the graph, and in front of this provider's settings: `GOOGLE_CALENDAR`. */
  readonly id: string;
  readonly name: string;
  readonly auth: ProviderAuth<Proven>;
  readonly renewal: TokenRenewal;
  /**
   * A second way to sign in, for people who rather enter a password than go to the consent page of `auth`. An integration
   * keeps to the way that it was connected by. Absent where there is one way.
   */
  readonly withPassword?: SecondSignIn<Proven>;
  /** What the vendor wants before it lets anybody use its API, in words, with whom to ask; absent where one just registers. */
  readonly partnership?: string;
  /**
   * Set where nobody can be sent to the vendor as things stand: why, for people. It is UNAVAILABLE until the operator names its
   * server, in `<PROVIDER>_BASE_URL`. Absent where it just works.
   */
  readonly unavailable?: string;
  /**
   * Reads the vendor's own word for a failure, such as `rateLimitExceeded`, from the JSON, or else the text, of a reply that
   * `account.fetch` turns into an error; people see it as `providerCode`. Absent where the vendor has none: then it is the status.
   */
  readonly errorCodeIn?: ErrorCodeIn;
  /** What a reply of 200 or 500 means, where the vendor tells failures in its body alone: then access is renewed after a told 401, too. */
  readonly statusIn?: StatusIn;
  readonly limits: ProviderLimits;
  readonly freshness: Freshness;
}

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
