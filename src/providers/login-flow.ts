import type { AccountFetchFor } from "./account-fetch.ts";
import type { AccountSettings } from "./provider.ts";

type Values = Readonly<Record<string, string>>;

/**
 * A page of the vendor's on which a person signs in, and which makes a password for us: nobody has to enter one. What comes of it
 * goes through `connect`, as if it had been entered.
 */
export interface LoginFlow {
  /** The fields of the form that it fills in. It begins where none of them was entered. */
  readonly fills: readonly string[];
  /** How long a person may take, from `start`. */
  readonly lifetimeSeconds: number;
  /**
   * Makes sure that the vendor's kind of server is where people say it is, before anybody is sent there.
   *
   * @returns settings of the integration until it is connected
   * @throws {IntegrationError} INVALID_INPUT with the field, EGRESS_REFUSED, PROVIDER_REPLY_INVALID for another kind of server
   */
  find(values: Values, open: AccountFetchFor): Promise<AccountSettings>;
  /**
   * Begins a login, at the server of these settings: those of `find`, or of an account that is connected again.
   *
   * @throws {IntegrationError} PROVIDER_REFUSED when the server lets no one like us ask
   */
  start(settings: AccountSettings, open: AccountFetchFor): Promise<StartedLogin>;
  /**
   * Asks whether the person has let us in. The vendor answers once.
   *
   * @returns what to `connect` with; null while nobody has, and when the time is over: vendors do not tell these apart
   */
  poll(ticket: Values, open: AccountFetchFor): Promise<Values | null>;
  /** Ends a password that nobody will use. One that is gone already is no error. */
  discard(granted: Values, open: AccountFetchFor): Promise<void>;
}

export interface StartedLogin {
  /** Where the person signs in, in a browser. */
  readonly loginUrl: string;
  /** What to poll with; whoever has it gets the password. */
  readonly ticket: Values;
}
