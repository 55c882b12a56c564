import { randomBytes, randomUUID } from "node:crypto";

/** An account's consent to one client; what its tokens stand for. */
export interface Grant {
  readonly id: string;
  readonly email: string;
  readonly clientId: string;
  scopes: readonly string[];
  readonly givenAt: Date;
  /** Why it is over; null while it is good. */
  ended: string | null;
}

interface Code {
  readonly grantId: string;
  readonly redirectUri: string;
  readonly challenge: { readonly value: string; readonly method: string } | null;
  readonly scopes: readonly string[];
  readonly givenAt: Date;
  readonly wantsRefreshToken: boolean;
  isUsed: boolean;
}

interface RefreshToken {
  readonly grantId: string;
  readonly givenAt: Date;
  lastUsedAt: Date;
  /** A newer one was given in its place. */
  isRotated: boolean;
}

interface AccessToken {
  readonly grantId: string;
  readonly scopes: readonly string[];
  expiresAt: Date;
}

/** Everything an authorization server remembers: plain data. */
export interface OAuthState {
  readonly accounts: Map<string, { readonly sub: string; readonly name: string }>;
  readonly grants: Map<string, Grant>;
  readonly codes: Map<string, Code>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly accessTokens: Map<string, AccessToken>;
}

export function emptyOAuthState(): OAuthState {
  return {
    accounts: new Map(),
    grants: new Map(),
    codes: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
  };
}

/** Accounts, their consents, and the tokens that stand for them. Knows no HTTP. */
export class Grants {
  /** Every secret that was ever given out, for whoever looks for leaks. */
  readonly issued = new Set<string>();

  constructor(
    private readonly state: OAuthState,
    private readonly now: () => Date,
  ) {}

  addAccount(email: string, name: string): void {
    if (this.state.accounts.has(email)) return;
    const sub = `1${BigInt(`0x${randomBytes(8).toString("hex")}`)
      .toString()
      .padStart(20, "0")
      .slice(0, 20)}`;
    this.state.accounts.set(email, { sub, name });
  }

  account(email: string): { readonly sub: string; readonly name: string } | undefined {
    return this.state.accounts.get(email);
  }

  get accounts(): readonly string[] {
    return [...this.state.accounts.keys()];
  }

  /** The live consents of an account, the oldest first. */
  of(email: string): readonly Grant[] {
    return [...this.state.grants.values()].filter((grant) => grant.email === email && grant.ended === null);
  }

  hasConsented(email: string, clientId: string): boolean {
    return this.of(email).some((grant) => grant.clientId === clientId);
  }

  consent(email: string, clientId: string, scopes: readonly string[]): Grant {
    const grant = { id: randomUUID(), email, clientId, scopes, givenAt: this.now(), ended: null };
    this.state.grants.set(grant.id, grant);
    return grant;
  }

  grant(id: string): Grant | undefined {
    return this.state.grants.get(id);
  }

  end(grant: Grant, reason: string): void {
    grant.ended = reason;
  }

  issueCode(code: Omit<Code, "givenAt" | "isUsed">): string {
    const text = this.secret();
    this.state.codes.set(text, { ...code, givenAt: this.now(), isUsed: false });
    return text;
  }

  code(text: string): Code | undefined {
    return this.state.codes.get(text);
  }

  issueRefreshToken(grantId: string): string {
    const text = this.secret();
    this.state.refreshTokens.set(text, { grantId, givenAt: this.now(), lastUsedAt: this.now(), isRotated: false });
    return text;
  }

  refreshToken(text: string): RefreshToken | undefined {
    return this.state.refreshTokens.get(text);
  }

  /** How many refresh tokens of this account and client are good, the oldest first. */
  refreshTokensOf(email: string, clientId: string): readonly [string, RefreshToken][] {
    return [...this.state.refreshTokens].filter(([, { grantId, isRotated }]) => {
      const grant = this.state.grants.get(grantId);
      return grant?.email === email && grant.clientId === clientId && grant.ended === null && !isRotated;
    });
  }

  forgetRefreshToken(text: string): void {
    this.state.refreshTokens.delete(text);
  }

  issueAccessToken(grantId: string, scopes: readonly string[], seconds: number): string {
    const text = this.secret();
    const expiresAt = new Date(this.now().getTime() + seconds * 1000);
    this.state.accessTokens.set(text, { grantId, scopes, expiresAt });
    return text;
  }

  /** Those of one consent that have not expired, the oldest first. */
  accessTokensOf(grantId: string): readonly string[] {
    const all = [...this.state.accessTokens];
    return all.filter(([, token]) => token.grantId === grantId && token.expiresAt > this.now()).map(([text]) => text);
  }

  forgetAccessToken(text: string): void {
    this.state.accessTokens.delete(text);
  }

  /** Whose access a token is; null when it is nobody's, or over. */
  holder(
    accessToken: string,
  ): { readonly email: string; readonly scopes: readonly string[]; readonly grant: Grant } | null {
    const token = this.state.accessTokens.get(accessToken);
    const grant = token && this.state.grants.get(token.grantId);
    if (!token || !grant || grant.ended !== null || token.expiresAt <= this.now()) return null;
    return { email: grant.email, scopes: token.scopes, grant };
  }

  /** The consent that any token, good or not, stands for. */
  behind(token: string): Grant | undefined {
    const found = this.state.refreshTokens.get(token) ?? this.state.accessTokens.get(token);
    return found && this.state.grants.get(found.grantId);
  }

  expireAccessTokens(email: string): void {
    for (const token of this.state.accessTokens.values()) {
      if (this.state.grants.get(token.grantId)?.email === email) token.expiresAt = this.now();
    }
  }

  private secret(): string {
    const text = randomBytes(32).toString("base64url");
    this.issued.add(text);
    return text;
  }
}
