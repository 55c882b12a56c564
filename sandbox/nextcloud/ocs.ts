import { asText } from "../html-page.ts";
import { json, type TwinReply, type TwinRequest } from "../twin.ts";

/** Who calls, and by what. */
export interface OcsCaller {
  readonly uid: string;
  readonly email: string;
  readonly name: string;
  /** Null when it signed in with the account's own password. */
  readonly appPassword: string | null;
}

export interface OcsWork {
  revoke(appPassword: string): void;
  createPassword(email: string): string;
  delayMs(): number;
}

/** The part of Nextcloud's OCS API that clients of calendars meet; null when the path is none of it. */
export function answerOcs(request: TwinRequest, caller: OcsCaller | null, work: OcsWork): TwinReply | null {
  const [, path] = /^\/ocs\/v2\.php(\/.+)$/.exec(request.path) ?? [];
  if (path === undefined) return null;
  const reply = (status: number, message: string, data: unknown = []) => written(request, status, { message, data });
  if (request.headers["ocs-apirequest"] !== "true") return reply(412, "CSRF check failed");
  if (`${request.method} ${path}` === "GET /cloud/capabilities") {
    const bruteforce = { delay: work.delayMs(), "allow-listed": false };
    return reply(200, "OK", { version: { string: "32.0.1" }, capabilities: { bruteforce } });
  }
  if (!caller) return reply(401, "Current user is not logged in");
  const { uid, email, name, appPassword } = caller;
  switch (`${request.method} ${path}`) {
    case "GET /cloud/user":
      return reply(200, "OK", { id: uid, email, displayname: name, "display-name": name, enabled: true });
    case "DELETE /core/apppassword":
      if (appPassword === null) return reply(403, "no app password in use");
      work.revoke(appPassword);
      return reply(200, "OK");
    case "GET /core/getapppassword":
      if (appPassword !== null) return reply(403, "You cannot request an new apppassword with an apppassword");
      return reply(200, "OK", { apppassword: work.createPassword(email) });
    default:
      return reply(404, "Invalid query, please check the syntax.");
  }
}

/** XML, unless JSON was asked for. */
function written(
  { query, headers }: TwinRequest,
  status: number,
  { message, data }: { readonly message: string; readonly data: unknown },
): TwinReply {
  const meta = { status: status === 200 ? "ok" : "failure", statuscode: status, message };
  const isJson = query.get("format") === "json" || (headers["accept"] ?? "").includes("application/json");
  if (isJson) return json(status, { ocs: { meta, data } });
  const body = `<?xml version="1.0"?>\n<ocs>\n <meta>${elements(meta)}</meta>\n <data>${elements(data)}</data>\n</ocs>\n`;
  return { status, headers: { "content-type": "application/xml; charset=utf-8" }, body };
}

function elements(value: unknown): string {
  if (typeof value !== "object" || value === null) return asText(String(value ?? ""));
  return Object.entries(value)
    .map(([name, inner]) => `<${name}>${elements(inner)}</${name}>`)
    .join("");
}
