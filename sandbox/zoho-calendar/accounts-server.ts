import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import { dataCenters } from "./data-centers.ts";
import type { StoredAccount } from "./state.ts";

/** What an accounts server says to whoever is not asking for tokens; null for other paths. */
export function answerAccounts(
  { path, method }: TwinRequest,
  caller: { readonly account: StoredAccount | null; readonly scopes: readonly string[]; readonly origin: string },
): TwinReply | null {
  if (method !== "GET") return null;
  if (path.endsWith("/oauth/serverinfo")) return json(200, serverInfo(caller.origin));
  if (!path.endsWith("/oauth/user/info")) return null;
  const { account, scopes } = caller;
  if (!account) return json(401, { response: "error", cause: "INVALID_OAUTHTOKEN" });
  if (!scopes.includes("AaaServer.profile.READ")) return json(401, { response: "error", cause: "INVALID_OAUTHSCOPE" });
  const [first = "", ...rest] = account.name.split(" ");
  return json(200, {
    First_Name: first,
    Last_Name: rest.join(" "),
    Display_Name: account.name,
    Email: account.email,
    ZUID: account.zuid,
  });
}

/** Every data centre. https://www.zoho.com/accounts/protocol/oauth/multi-dc.html */
function serverInfo(origin: string): object {
  const locations = Object.entries(dataCenters).map(([name, { accounts }]) => [name, `${origin}/${accounts}`]);
  return { result: "success", locations: Object.fromEntries(locations) };
}
