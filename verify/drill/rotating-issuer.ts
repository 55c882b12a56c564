import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { OAuthClient } from "../../src/providers/token-endpoint.ts";
import type { GrantState, Issuer } from "./issuer.ts";

export interface RotatingIssuerOptions {
  readonly client: OAuthClient;
  /**
   * How long the refresh token before the newest is still taken; 0 for never. Any other that comes again ends the grant
   * (RFC 9700 §4.14.2).
   */
  readonly graceMs: number;
  /** For each access token anew. */
  readonly lifeSeconds: () => number;
}

interface Grant {
  readonly account: string;
  isAlive: boolean;
  newest: string;
  previous: { readonly token: string; readonly takenUntil: number } | null;
  accessToken: string | null;
  given: number;
  refused: number;
}

/** A token endpoint in memory that gives a new refresh token each time. */
export class RotatingIssuer implements Issuer {
  private readonly grants = new Map<string, Grant>();
  private readonly byRefreshToken = new Map<string, Grant>();
  private readonly accessTokens = new Map<string, { readonly account: string; readonly endsAt: number }>();

  constructor(private readonly options: RotatingIssuerOptions) {}

  /** How often tokens were given to anybody. */
  get given(): number {
    return [...this.grants.values()].reduce((sum, { given }) => sum + given, 0);
  }

  async consent(account: string): Promise<string> {
    const newest = randomToken();
    const grant = { account, isAlive: true, newest, previous: null, accessToken: null, given: 0, refused: 0 };
    this.grants.set(account, grant);
    this.byRefreshToken.set(newest, grant);
    return newest;
  }

  async grant(account: string): Promise<GrantState> {
    const grant = this.grants.get(account);
    if (!grant) throw new Error(`Nobody consented for ${account}`);
    const { isAlive, accessToken, newest: refreshToken, given, refused } = grant;
    return { isAlive, accessToken, refreshToken, given, refused };
  }

  /** Whose access token this is; null when it is nobody's or over. */
  accountOf(accessToken: string): string | null {
    const known = this.accessTokens.get(accessToken);
    return known && known.endsAt > Date.now() ? known.account : null;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    this.reply(request, response).catch(() => response.destroy());
  }

  private async reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const { id, secret } = this.options.client;
    if (form.get("client_id") !== id || form.get("client_secret") !== secret) {
      return sendJson(response, 401, { error: "invalid_client" });
    }
    if (form.get("grant_type") !== "refresh_token") return sendJson(response, 400, { error: "unsupported_grant_type" });

    const refreshToken = form.get("refresh_token") ?? "";
    const grant = this.byRefreshToken.get(refreshToken);
    if (!grant) return sendJson(response, 400, { error: "invalid_grant" });
    if (!grant.isAlive || !isTaken(grant, refreshToken)) {
      grant.isAlive = false;
      grant.refused += 1;
      return sendJson(response, 400, { error: "invalid_grant" });
    }
    sendJson(response, 200, this.rotate(grant, refreshToken));
  }

  private rotate(grant: Grant, used: string): Record<string, unknown> {
    if (used === grant.newest) grant.previous = { token: used, takenUntil: Date.now() + this.options.graceMs };
    const expiresIn = this.options.lifeSeconds();
    grant.newest = randomToken();
    grant.accessToken = randomToken();
    grant.given += 1;
    this.byRefreshToken.set(grant.newest, grant);
    this.accessTokens.set(grant.accessToken, { account: grant.account, endsAt: Date.now() + expiresIn * 1000 });
    return {
      token_type: "Bearer",
      access_token: grant.accessToken,
      refresh_token: grant.newest,
      expires_in: expiresIn,
    };
  }
}

function isTaken({ newest, previous }: Grant, token: string): boolean {
  return token === newest || (token === previous?.token && Date.now() < previous.takenUntil);
}

function randomToken(): string {
  return randomBytes(24).toString("base64url");
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
