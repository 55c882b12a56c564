import { type AccountFetchFor, createAccountFetch } from "../../src/providers/account-fetch.ts";
import type { CalendarAccount, CalendarProvider, ProvenAccount } from "../../src/providers/calendar/provider.ts";
import { createEgress } from "../../src/security/egress.ts";
import { type CalledProvider, grantOf } from "../../src/services/accounts.ts";

/** Opens accounts as the service does, on servers of the loopback. */
export function loopbackFetchFor({ id, errorCodeIn, statusIn }: CalledProvider): AccountFetchFor {
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] });
  const options = {
    provider: id,
    errorCodeIn,
    statusIn,
    fetch: egress.fetch,
    userAgent: "integrations-subgraph/test",
    timeoutMs: 5000,
  };
  return (grant) => createAccountFetch(options, grant);
}

export interface OpenedAccount {
  readonly connected: ProvenAccount;
  readonly account: CalendarAccount;
}

/** Connects with what a person enters, and opens the account from what is stored of it. */
export async function connectAccount(
  provider: CalendarProvider,
  values: Readonly<Record<string, string>>,
): Promise<OpenedAccount> {
  const { id, auth } = provider;
  if (auth.kind !== "credentials") throw new Error(`${id} is not connected with a form`);
  const open = loopbackFetchFor(provider);
  const { secret, ...connected } = await auth.connect(values, open);
  const { settings } = connected;
  const fetch = open(grantOf(auth, auth.authorization(secret), settings, secret));
  return { connected, account: { fetch, settings, apiUrl: "" } };
}
