import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { chromiumIsInstalled, launchChromium } from "../support/chromium.ts";
import { Journey } from "../support/journey.ts";

describe.skipIf(!chromiumIsInstalled)("a person in a browser (apt-get install chromium)", { timeout: 60_000 }, () => {
  let sandbox: Sandbox;
  let app: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    app = await startTestApp({ env: sandbox.settings });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
    await sandbox.stop();
  });

  /** Somebody who has asked to be connected, and whose browser shows the consent page. */
  async function atTheConsentPage(): Promise<{
    journey: Journey;
    page: Page;
    id: string;
    email: string;
    foreign: string[];
  }> {
    const email = `${randomUUID().slice(0, 8)}@example.test`;
    sandbox.googleCalendar.createAccount({ email });
    const journey = new Journey(await app.as());
    const { integration, authorizationUrl } = await journey.mutate(
      "connectIntegration",
      { provider: "GOOGLE_CALENDAR" },
      "integration { id } authorizationUrl",
    );
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const foreign: string[] = [];
    page.on("request", (request) => {
      if (!["localhost", "127.0.0.1"].includes(new URL(request.url()).hostname)) foreign.push(request.url());
    });
    await page.goto(authorizationUrl);
    await page.getByLabel(email).check();
    return { journey, page, id: integration.id, email, foreign };
  }

  it("clicks connect, consents, and is connected", async () => {
    const { journey, page, id, email, foreign } = await atTheConsentPage();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "Google Calendar: Connected" }).waitFor();
    expect(await page.textContent("main")).toContain(`${email} is connected.`);
    await journey.idle(id);
    expect(await journey.integration(id)).toMatchObject({ status: "ACTIVE" });
    expect(foreign).toEqual([]);
  });

  it("refuses, and is told what that means and what can be done", async () => {
    const { journey, page, id } = await atTheConsentPage();
    await page.getByRole("button", { name: "Deny" }).click();
    await page.getByRole("heading", { name: "Google Calendar: Not connected" }).waitFor();
    expect(await page.textContent("main")).toContain("Consent was refused at Google Calendar.");
    expect(await page.textContent("main")).toContain("Connect again, and allow the access.");
    expect(await journey.integration(id)).toMatchObject({
      status: "CONNECTING",
      problem: { code: "PROVIDER_REFUSED" },
    });
  });

  it("goes back to a page that is over, and is not connected twice", async () => {
    const { journey, page, id } = await atTheConsentPage();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "Google Calendar: Connected" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Google Calendar: Connected" }).waitFor();
    await journey.idle(id);
    expect((await journey.log(["integration.connected"])).length).toBe(1);
  });
});
