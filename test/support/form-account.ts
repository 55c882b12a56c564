import { readConfig } from "../../src/config.ts";
import type { JobBoardProvider } from "../../src/providers/job-board/provider.ts";
import type { ProvenIdentity, VendorAccount } from "../../src/providers/provider.ts";
import { grantOf } from "../../src/services/accounts.ts";
import { OAuthApps } from "../../src/services/oauth-apps.ts";
import { loopbackFetchFor } from "./account.ts";

export interface ConnectedByForm {
  readonly connected: ProvenIdentity;
  readonly account: VendorAccount;
  /** What is sealed. */
  readonly secret: Readonly<Record<string, string>>;
}

/**
 * Connects with a form and opens the account as the service does, without a database.
 *
 * @param settings what the operator has set, as in the environment
 */
export async function connectByForm(
  provider: JobBoardProvider,
  settings: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Promise<ConnectedByForm> {
  const { auth } = provider;
  if (auth.kind !== "credentials") throw new Error(`${provider.id} is not connected with a form`);
  const apps = new OAuthApps(readConfig({ ...settings }, [provider.id]).providers, () => {
    throw new Error("There are no tokens");
  });
  const signedIn = { ...provider, auth };
  const open = loopbackFetchFor(provider);
  const serverUrl = apps.serverUrl(provider) ?? "";
  const { secret, ...connected } = await apps.prove(signedIn, { serverUrl, ...values }, open);
  const fetch = open(grantOf(auth, apps.authorization(signedIn, secret), connected.settings, secret));
  return { connected, account: { fetch, settings: connected.settings, apiUrl: "" }, secret };
}
