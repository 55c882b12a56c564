import { randomText } from "../caldav/app-passwords.ts";
import { asText, page, standInNote } from "../html-page.ts";
import { html, json, type TwinReply, type TwinRequest } from "../twin.ts";
import type { NextcloudSwitches } from "./switches.ts";

/** One login that a client began. */
export interface PendingLogin {
  /** In the address that the person's browser goes to. */
  readonly flowToken: string;
  /** The client's User-Agent, which becomes the password's name. */
  readonly client: string;
  readonly startedAt: Date;
  granted: { readonly loginName: string; readonly appPassword: string } | null;
}

/** By the token to poll with. */
export type LoginFlowState = Map<string, PendingLogin>;

export const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const lifetimeMs = 1200 * 1000;
const path = /^(?:\/index\.php)?\/login\/v2(?:\/(?<step>poll|flow)(?:\/(?<token>\w+))?)?\/?$/;

/** https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html#login-flow-v2 */
export class LoginFlow {
  constructor(
    private readonly state: LoginFlowState,
    private readonly switches: Pick<NextcloudSwitches, "allowedUserAgents" | "serverSaid">,
    private readonly options: {
      readonly now: () => Date;
      readonly origin: () => string;
      readonly accounts: () => readonly string[];
      readonly createPassword: (email: string, label: string) => { loginName: string; appPassword: string };
    },
  ) {}

  /** Null when the path is none of the flow's. */
  handle({ method, path: asked, headers, body }: TwinRequest): TwinReply | null {
    const steps = path.exec(asked);
    if (!steps) return null;
    const { step, token = "" } = steps.groups ?? {};
    if (step === undefined) return method === "POST" ? this.start(headers["user-agent"] ?? "") : html(405, "");
    if (step === "poll") return method === "POST" ? this.poll(new URLSearchParams(body).get("token")) : html(405, "");
    return this.flow(token, method === "POST" ? new URLSearchParams(body).get("account") : null);
  }

  /** What a person does in the browser, without one. @param login the address that the client was given */
  grant(login: string, email: string): void {
    const pending = this.pendingAt(new URL(login).pathname.split("/").at(-1) ?? "");
    if (!pending) throw new Error("The login is over, or never began");
    pending.granted = this.options.createPassword(email, pending.client);
  }

  private start(userAgent: string): TwinReply {
    const { allowedUserAgents } = this.switches;
    if (allowedUserAgents && !allowedUserAgents.some((allowed) => new RegExp(allowed).test(userAgent))) {
      return json(403, { error: "Client not allowed" });
    }
    const [pollToken, flowToken] = [randomText(128, alphanumeric), randomText(128, alphanumeric)];
    const login = { flowToken, client: userAgent, startedAt: this.options.now(), granted: null };
    this.state.set(pollToken, login);
    const base = `${this.options.origin()}/index.php/login/v2`;
    return json(200, { poll: { token: pollToken, endpoint: `${base}/poll` }, login: `${base}/flow/${flowToken}` });
  }

  /** Pending, over, unknown and told already look alike. */
  private poll(token: string | null): TwinReply {
    const login = this.state.get(token ?? "");
    if (!login?.granted || this.isOver(login)) return json(404, []);
    this.state.delete(token ?? "");
    return json(200, { server: this.switches.serverSaid ?? this.options.origin(), ...login.granted });
  }

  private flow(token: string, email: string | null): TwinReply {
    const login = this.pendingAt(token);
    if (!login) return html(403, shown("Access forbidden", "<p>Your login token is invalid or has expired</p>"));
    const { client } = login;
    const accounts = this.options.accounts();
    if (email !== null && accounts.includes(email)) {
      login.granted = this.options.createPassword(email, client);
      return html(
        200,
        shown("Account connected", "<p>Your client should now be connected! You can close this window.</p>"),
      );
    }
    const buttons = accounts.map(
      (one) =>
        `<p><button class="main" name="account" value="${asText(one)}">Grant access as ${asText(one)}</button></p>`,
    );
    const form = `<form method="post">${buttons.join("\n") || "<p>There is no account yet.</p>"}</form>`;
    const asks = `<p>You are about to grant ${asText(client || "a client")} access to your Nextcloud account.</p>`;
    return html(200, shown("Connect to your account", `${asks}${form}`));
  }

  private pendingAt(flowToken: string): PendingLogin | null {
    const login = [...this.state.values()].find((known) => known.flowToken === flowToken);
    return login && login.granted === null && !this.isOver(login) ? login : null;
  }

  private isOver({ startedAt }: PendingLogin): boolean {
    return this.options.now().getTime() - startedAt.getTime() > lifetimeMs;
  }
}

function shown(title: string, content: string): string {
  const note = standInNote("Nextcloud");
  return page(`Nextcloud: ${title}`, `${note}<h1>${title}</h1>${content}`);
}
