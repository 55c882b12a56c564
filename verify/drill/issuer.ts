import type { IncomingMessage, ServerResponse } from "node:http";

/** An authorization server's side of the token endpoint. */
export interface Issuer {
  answer(request: IncomingMessage, response: ServerResponse): void;
  /** Somebody's consent. @returns the first refresh token */
  consent(account: string): Promise<string>;
  grant(account: string): Promise<GrantState>;
}

/** What became of somebody's consent, as its own side knows it. */
export interface GrantState {
  readonly isAlive: boolean;
  /** The newest of each; null before the first renewal. */
  readonly accessToken: string | null;
  readonly refreshToken: string;
  /** How often tokens were given for it, and refused. */
  readonly given: number;
  readonly refused: number;
}
