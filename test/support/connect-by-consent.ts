import type { AuthorizationRequest } from "../../src/providers/authorization-request.ts";
import type { OpenedAccount } from "./account.ts";
import type { ConsentPage } from "./consent.ts";
import type { OAuthClient } from "./oauth-client.ts";

/** Connects as a person does who allows everything, and opens the account from what was granted. */
export async function connectByConsent(client: OAuthClient, page: ConsentPage, email: string): Promise<OpenedAccount> {
  const request = client.begin();
  const back = page.authorize(client.consentUrl(request), { email });
  return connectWithCode(client, new URL(back).searchParams.get("code") ?? "", request);
}

/** The same with a code that a browser brought, wherever it has it from. */
export async function connectWithCode(
  client: OAuthClient,
  code: string,
  request: AuthorizationRequest = client.begin(),
): Promise<OpenedAccount> {
  const granted = await client.exchange(code, request);
  const connected = await client.identify(granted);
  const { apiUrl } = client.endpoints;
  return { connected, account: { fetch: client.fetchWith(granted), settings: connected.settings, apiUrl } };
}
