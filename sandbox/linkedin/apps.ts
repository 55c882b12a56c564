import { randomBytes } from "node:crypto";
import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import { expiredToken, invalidToken } from "./errors.ts";
import type { LinkedInState, StoredApp } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

/** The partner's own application: ours. It makes the others, and posts no jobs. */
export const parentApp: StoredApp = {
  id: 1_000_001,
  clientId: "sandbox-client",
  clientSecret: "sandbox-client-password",
  uniqueForeignId: "",
  name: "Our recruiting platform",
  description: "",
  oauth2AuthorizedCallbackUrls: [],
  validJsSdkDomains: [],
  isEnded: false,
};

export const urnOfApp = ({ id }: StoredApp): string => `urn:li:developerApplication:${id}`;

export interface TokenRequest {
  readonly clientId: string;
  readonly at: Date;
  readonly isGranted: boolean;
}

/** Applications and the tokens they get for their secrets. */
export class Apps {
  /** Every secret that was ever given out, for whoever looks for leaks. */
  readonly issued = new Set<string>();
  readonly tokenRequests: TokenRequest[] = [];

  constructor(
    private readonly state: LinkedInState,
    private readonly switches: LinkedInSwitches,
    private readonly now: () => Date,
  ) {}

  withClientId(clientId: string): StoredApp | undefined {
    return clientId === parentApp.clientId ? parentApp : this.state.apps.get(clientId);
  }

  /** @param name its URN, client id or `uniqueForeignId` */
  named(name: string): StoredApp | undefined {
    return [...this.state.apps.values()].find((app) =>
      [urnOfApp(app), app.clientId, app.uniqueForeignId].includes(name),
    );
  }

  add(app: Pick<StoredApp, "uniqueForeignId" | "name"> & Partial<StoredApp>): StoredApp {
    this.state.latest += 1;
    const added: StoredApp = {
      description: "",
      oauth2AuthorizedCallbackUrls: [],
      validJsSdkDomains: [],
      isEnded: false,
      ...app,
      id: this.state.latest,
      clientId: `86${randomBytes(6).toString("hex")}`,
      clientSecret: this.secret(),
    };
    this.state.apps.set(added.clientId, added);
    return added;
  }

  /** RFC 6749 §4.4; https://learn.microsoft.com/en-us/linkedin/shared/authentication/client-credentials-flow */
  answerTokenRequest({ method, headers, body }: TwinRequest): TwinReply {
    const isForm = (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
    if (method !== "POST" || !isForm) return refuseToken("invalid_request", "A form has to be posted");
    const form = new URLSearchParams(body);
    const grantType = form.get("grant_type");
    if (grantType === null) return refuseToken("invalid_request", 'A required parameter "grant_type" is missing');
    if (grantType !== "client_credentials") return refuseToken("unsupported_grant_type", "The grant type is not known");
    const clientId = form.get("client_id") ?? "";
    const app = this.withClientId(clientId);
    const isGranted = app !== undefined && !app.isEnded && app.clientSecret === form.get("client_secret");
    this.tokenRequests.push({ clientId, at: this.now(), isGranted });
    if (!isGranted) return refuseToken("invalid_client", "Client authentication failed");
    const { tokenSeconds } = this.switches;
    return json(200, { access_token: this.issueToken(clientId), expires_in: tokenSeconds });
  }

  /** @throws {LinkedInError} 401 */
  holder(authorization: string | undefined): StoredApp {
    const [, text = ""] = /^Bearer (.+)$/i.exec(authorization ?? "") ?? [];
    const token = this.state.accessTokens.get(text);
    const app = token && this.withClientId(token.clientId);
    if (!token || !app || app.isEnded) throw invalidToken();
    if (token.expiresAt <= this.now().getTime()) throw expiredToken();
    return app;
  }

  expireTokens(app: StoredApp): void {
    for (const token of this.state.accessTokens.values()) {
      if (token.clientId === app.clientId) token.expiresAt = this.now().getTime();
    }
  }

  private issueToken(clientId: string): string {
    const token = `AQ${this.secret()}`;
    this.issued.add(token);
    const expiresAt = this.now().getTime() + this.switches.tokenSeconds * 1000;
    this.state.accessTokens.set(token, { clientId, expiresAt });
    return token;
  }

  private secret(): string {
    const text = randomBytes(24).toString("base64url");
    this.issued.add(text);
    return text;
  }
}

/** RFC 6749 §5.2. */
export function refuseToken(error: string, says: string): TwinReply {
  return json(error === "invalid_client" ? 401 : 400, { error, error_description: says });
}
