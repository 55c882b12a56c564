import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetch } from "../../account-fetch.ts";

/**
 * Where a Nextcloud begins, without a slash at the end: from the address of its web page, of its CalDAV, or of any resource
 * below. It may be in a folder of its host.
 */
export function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  const [folder = ""] = pathname.split(/\/(?:index\.php|remote\.php|ocs|apps|login|\.well-known)(?:\/|$)/);
  return `${origin}${folder.replace(/\/+$/, "")}`;
}

/** Where people make and end app passwords. */
export function securitySettings(base: string): string {
  return `${base}/index.php/settings/user/security`;
}

/**
 * Deletes the app password that `fetch` calls with. One that is gone already is no error.
 *
 * @returns why it stays valid; null when it does not
 * @see https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html#deleting-an-app-password
 */
export async function revokeAppPassword(fetch: AccountFetch, base: string): Promise<string | null> {
  const headers = { "ocs-apirequest": "true", accept: "application/json" };
  const reply = await fetch(`${base}/ocs/v2.php/core/apppassword`, { method: "DELETE", headers }).catch(
    (error: unknown) => {
      if (isIntegrationError(error, "CREDENTIALS_REJECTED")) return null;
      throw error;
    },
  );
  if (reply === null) return null;
  const said = Envelope.safeParse(await reply.json().catch(() => null));
  const status = said.data?.ocs.meta.statuscode;
  if (status === 200) return null;
  if (status === 403) return "It is the account's own password and not an app password, so it stays valid.";
  throw new IntegrationError("PROVIDER_REPLY_INVALID", `${new URL(base).host} did not delete the app password`, {
    providerCode: `HTTP ${reply.status}`,
  });
}

/** Of the OCS API; a web page of something in front of it has none. */
const Envelope = z.object({ ocs: z.object({ meta: z.object({ statuscode: z.number() }) }) });
