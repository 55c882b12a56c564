import type { Sandbox } from "../../sandbox/sandbox.ts";
import { Browser } from "./browser.ts";

export interface ConsentChoice {
  readonly email: string;
  readonly deny?: boolean;
  /** Scopes whose box the person takes away. */
  readonly untick?: readonly string[];
}

/** Goes with one browser from our link through the twin's consent page. @returns where the vendor sends the browser back to */
export async function consentAt(
  sandbox: Sandbox,
  browser: Browser,
  authorizationUrl: string,
  choice: ConsentChoice,
): Promise<string> {
  return sandbox.googleCalendar.authorize(await browser.sentTo(authorizationUrl), choice);
}

/** The whole way. @returns the answer of our callback */
export async function consent(
  sandbox: Sandbox,
  authorizationUrl: string,
  choice: ConsentChoice,
  browser = new Browser(),
): Promise<Response> {
  return browser.visit(await consentAt(sandbox, browser, authorizationUrl, choice));
}
