import type { IncomingMessage, ServerResponse } from "node:http";
import { serveOnLoopback } from "../drill/loopback-server.ts";
import type { RotatingIssuer } from "../drill/rotating-issuer.ts";

export interface Vendor {
  readonly origin: string;
  close(): Promise<void>;
}

/** Where an account is, for those who sign in with a password; its name is the last part. */
export const calendarPath = (user: string): string => `/calendars/${user}/`;
/** Where an account is, for those who have a token; below the vendor's `apiUrl`. */
export const apiPath = (account: string): string => `accounts/${account}`;
/** What the vendor knows of a user. */
export const passwordOf = (user: string): string => `the password of ${user}`;

/** A token endpoint, an API behind it and a calendar server. Each account opens with its own credentials and no others. */
export function startVendor(issuer: RotatingIssuer): Promise<Vendor> {
  return serveOnLoopback(() => (request, response) => {
    if (request.url === "/token") issuer.answer(request, response);
    else answer(response, isLetIn(issuer, request));
  });
}

function isLetIn(issuer: RotatingIssuer, { url = "", headers: { authorization = "" } }: IncomingMessage): boolean {
  const [scheme, proof = ""] = authorization.split(" ");
  if (scheme === "Bearer") {
    const account = issuer.accountOf(proof);
    return account !== null && url === `/api/${apiPath(account)}`;
  }
  const [user = "", ...password] = Buffer.from(proof, "base64").toString().split(":");
  return url === calendarPath(user) && password.join(":") === passwordOf(user);
}

function answer(response: ServerResponse, isLetIn: boolean): void {
  response.writeHead(isLetIn ? 200 : 401, { "content-type": "text/plain" });
  response.end(isLetIn ? "Welcome" : "Who are you?");
}
