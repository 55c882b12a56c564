import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetch, AccountFetchFor } from "../../account-fetch.ts";
import type { LoginFlow } from "../../login-flow.ts";
import { basic, readServerUrl, required } from "../caldav/entered.ts";
import { baseOf, revokeAppPassword, securitySettings } from "./server.ts";

/** What clients ask first: https://docs.nextcloud.com/server/latest/developer_manual/client_apis/ */
const Status = z.object({ installed: z.literal(true) });

const Started = z.object({ poll: z.object({ token: z.string(), endpoint: z.url() }), login: z.url() });

const Granted = z.object({ server: z.url(), loginName: z.string(), appPassword: z.string() });

/** Login Flow v2. https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html#login-flow-v2 */
export const loginFlow: LoginFlow = {
  fills: ["username", "password"],
  lifetimeSeconds: 1200,

  async find(values, open) {
    const base = baseOf(readServerUrl(required(values, "serverUrl")));
    requireEncryption(base);
    await read(await anonymous(open, base)(`${base}/status.php`), Status, base);
    return { serverUrl: base };
  },

  async start({ principalUrl, serverUrl = "" }, open) {
    const base = baseOf(principalUrl ?? serverUrl);
    const reply = await anonymous(open, base)(`${base}/index.php/login/v2`, { method: "POST" });
    if (reply.status === 403) throw clientRefused(base);
    const { poll, login } = await read(reply, Started, base);
    for (const address of [login, poll.endpoint]) if (!isAt(base, address)) throw isElsewhere(base, address);
    return { loginUrl: login, ticket: { base, ...poll } };
  },

  async poll({ base = "", endpoint = "", token = "" }, open) {
    const reply = await anonymous(open, base)(endpoint, { method: "POST", body: new URLSearchParams({ token }) });
    if (reply.status === 404) return null;
    const { server, loginName, appPassword } = await read(reply, Granted, base);
    const granted = { serverUrl: base, username: loginName, password: appPassword };
    if (isAt(base, server)) return { ...granted, serverUrl: server };
    await loginFlow.discard(granted, open).catch((error: unknown) => {
      if (!isIntegrationError(error)) throw error;
    });
    throw isElsewhere(base, server);
  },

  async discard(granted, open) {
    const base = granted["serverUrl"] ?? "";
    await revokeAppPassword(open({ authorization: basic(granted), origins: [base] }), base);
  },
};

/** Before anybody has signed in. A Nextcloud asks nobody for a login here; what does is something else, or stands before it. */
function anonymous(open: AccountFetchFor, base: string): AccountFetch {
  const fetch = open({ authorization: null, origins: [base] });
  return (url, init) =>
    fetch(url, init).catch((error: unknown) => {
      throw isIntegrationError(error, "CREDENTIALS_REJECTED") ? notNextcloud(base, 401) : error;
    });
}

/** What a person types into the page is theirs alone. @throws {IntegrationError} INVALID_INPUT */
function requireEncryption(base: string): void {
  const { protocol, hostname } = new URL(base);
  if (protocol === "https:" || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return;
  throw new IntegrationError("INVALID_INPUT", "Nobody signs in at an address without encryption", {
    field: ["serverUrl"],
    remedy: "Enter the address that begins with https://.",
  });
}

/** Same scheme, host and port: a server that calls itself something else is not asked for anything there. */
function isAt(base: string, address: string): boolean {
  return new URL(address).origin === new URL(base).origin;
}

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID, PROVIDER_REFUSED */
async function read<T>(reply: Response, shape: z.ZodType<T>, base: string): Promise<T> {
  // A server says so to every host name that its administrator has not listed.
  if (reply.status === 400) {
    throw new IntegrationError("PROVIDER_REFUSED", `${new URL(base).host} does not answer to this address`, {
      field: ["serverUrl"],
      providerCode: "HTTP 400",
      remedy:
        "Enter the address under which people open it, or have its administrator add this one to trusted_domains.",
    });
  }
  const parsed = shape.safeParse(await reply.json().catch(() => null));
  if (parsed.success) return parsed.data;
  throw notNextcloud(base, reply.status);
}

function notNextcloud(base: string, status: number): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `There is no Nextcloud at ${base}`, {
    field: ["serverUrl"],
    providerCode: `HTTP ${status}`,
    remedy: "Enter what stands in the browser's address bar when your Nextcloud is open, with its folder.",
  });
}

function clientRefused(base: string): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", `${new URL(base).host} lets only programs ask that it knows`, {
    providerCode: "HTTP 403",
    remedy:
      "Its administrator has to allow this service in core.login_flow_v2.allowed_user_agents. " +
      `Or connect with an app password, made at ${securitySettings(base)}.`,
  });
}

function isElsewhere(base: string, address: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `${base} calls itself ${new URL(address).origin}`, {
    field: ["serverUrl"],
    retryable: false,
    remedy:
      "Connect with that address if it is right; otherwise its administrator has to set overwritehost, overwriteprotocol and " +
      "overwrite.cli.url.",
  });
}
