import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import { AuthorizationServer, type ConsentAnswer, type TokenRequest } from "./oauth/authorization-server.ts";
import { emptyOAuthState, Grants } from "./oauth/grants.ts";
import { type MicrosoftOAuthSwitches, microsoftPersonality } from "./oauth/microsoft.ts";
import {
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

/** Microsoft's consent page and token endpoint. It has no calendars yet. */
export class OutlookCalendarTwin implements Twin {
  readonly name = "outlook-calendar";
  readonly title = "Outlook";
  readonly faults = new Faults(this);
  readonly oauth: MicrosoftOAuthSwitches = { reuse: "accept", refuseWith: null };
  readonly commands: Twin["commands"];
  private readonly oauthState = emptyOAuthState();
  readonly grants: Grants;
  private readonly server: AuthorizationServer;

  constructor({ now, origin }: TwinOptions) {
    this.grants = new Grants(this.oauthState, now);
    this.server = new AuthorizationServer(microsoftPersonality(this.grants, now, this.oauth), this.grants, now, origin);
    this.commands = {
      "create-account": ({ email, name }) => this.createAccount({ email: String(email), name: String(name ?? email) }),
      revoke: ({ email }) => this.revoke(String(email)),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return {
      OUTLOOK_CALENDAR_CLIENT_ID: "sandbox-client",
      OUTLOOK_CALENDAR_CLIENT_SECRET: "sandbox-client-password",
      OUTLOOK_CALENDAR_BASE_URL: `${origin}/v1.0/`,
      OUTLOOK_CALENDAR_AUTH_URL: `${origin}/common/oauth2/v2.0/authorize`,
      OUTLOOK_CALENDAR_TOKEN_URL: `${origin}/common/oauth2/v2.0/token`,
    };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (path.endsWith("/token")) return "token";
    return path.startsWith("/v1.0") ? "api" : "page";
  }

  /** https://learn.microsoft.com/en-us/graph/delta-query-overview */
  continuesFromCursor({ query }: TwinRequest): boolean {
    return query.has("$deltatoken") || query.has("$skiptoken");
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const answered = await this.server.handle(request);
    return answered ?? json(404, { error: { code: "ResourceNotFound", message: "There is nothing here yet." } });
  }

  refuse(refusal: Refusal): TwinReply {
    const status = {
      "rate-limited": 429,
      quota: 429,
      down: 503,
      "backend-error": 500,
      unauthorized: 401,
      "cursor-gone": 410,
    };
    return json(status[refusal], { error: { code: refusal, message: refusal } });
  }

  readonly state = {
    load: (kept: unknown): void => void Object.assign(this.oauthState, kept),
    save: (): unknown => this.oauthState,
  };

  readonly accounts = (): readonly string[] => this.grants.accounts;

  createAccount({ email, name = email }: { readonly email: string; readonly name?: string }): void {
    this.grants.addAccount(email, name);
  }

  authorize(authorizationUrl: string, answer: ConsentAnswer): string {
    return this.server.consent(authorizationUrl, answer);
  }

  revoke(email: string): void {
    this.server.endAll(email, "revoked");
  }

  tokenRequests(email: string): readonly TokenRequest[] {
    return this.server.requests.filter((request) => request.email === email);
  }

  issuedSecrets(): readonly string[] {
    return [...this.grants.issued];
  }

  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }
}
