import { Browser } from "./browser.ts";

export interface ConsentChoice {
  readonly email: string;
  readonly deny?: boolean;
  /** Scopes whose box the person takes away. */
  readonly untick?: readonly string[];
}

/** A twin's consent page, clicked through without a browser. */
export interface ConsentPage {
  /** @returns where the vendor sends the browser back to */
  authorize(authorizationUrl: string, choice: ConsentChoice): string;
}

/** Goes with one browser from our link through a consent page. @returns where the vendor sends the browser back to */
export async function consentAt(
  page: ConsentPage,
  browser: Browser,
  authorizationUrl: string,
  choice: ConsentChoice,
): Promise<string> {
  return page.authorize(await browser.sentTo(authorizationUrl), choice);
}

/** The whole way. @returns the answer of our callback */
export async function consent(
  page: ConsentPage,
  authorizationUrl: string,
  choice: ConsentChoice,
  browser = new Browser(),
): Promise<Response> {
  return browser.visit(await consentAt(page, browser, authorizationUrl, choice));
}
