import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startTestApp, type TestApp } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { chromiumIsInstalled, launchChromium } from "../support/chromium.ts";
import { saveRows } from "../support/rows.ts";

const tenantId = `tenant-${randomUUID()}`;
const integration = anIntegration({ tenantId, ownerId: "ana" });

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ env: { ROLES: "api" }, graphiqlFor: { tenantId, userId: "ana" } });
  await saveRows(app.databaseUrl, integration);
});
afterAll(() => app.stop());

describe("the page at /graphql", () => {
  it("is there for browsers alone", async () => {
    const page = await fetch(app.url, { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await page.text()).toContain("<title>Integrations</title>");

    const query = new URL(app.url);
    query.searchParams.set("query", "{ __typename }");
    const answer = await fetch(query, { headers: { accept: "application/json", "apollo-require-preflight": "1" } });
    expect(await answer.json()).toEqual({ data: { __typename: "Query" } });
  });

  it("names no address to load anything from", async () => {
    const text = await (await fetch(app.url, { headers: { accept: "text/html" } })).text();
    const markup = text.replaceAll(/<script>.*<\/script>/gs, "");
    expect(markup.match(/\b(src|href)="(?!data:)[^"]*"/g)).toBeNull();
    expect(markup.match(/@import|url\(\s*["']?(?!["']?data:)\w/g)).toBeNull();
  });

  it("is not kept by the browser, for it holds a token", async () => {
    const page = await fetch(app.url, { headers: { accept: "text/html" } });
    expect(page.headers.get("cache-control")).toBe("no-store");
  });
});

describe.skipIf(!chromiumIsInstalled)("GraphiQL in a browser (apt-get install chromium)", { timeout: 90_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  /** A fresh page, and every address that it asked for. */
  async function open(query?: string): Promise<{ page: Page; addresses: string[]; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const addresses: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => addresses.push(request.url()));
    page.on("websocket", (socket) => addresses.push(socket.url()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    const url = new URL(app.url);
    if (query) url.searchParams.set("query", query);
    await page.goto(url.href);
    return { page, addresses, complaints };
  }

  const execute = (page: Page) => page.getByRole("button", { name: /execute query/i }).click();
  const answer = (page: Page) => page.locator(".graphiql-response");
  /** Asks again as a person would who clicked before the page was ready. */
  const answers = (page: Page, text: string) =>
    expect
      .poll(
        async () => {
          await execute(page);
          return answer(page).textContent();
        },
        { timeout: 40_000, interval: 1000 },
      )
      .toContain(text);
  const strangers = (addresses: readonly string[]) =>
    addresses.filter((address) => !/^(data|blob):/.test(address) && new URL(address).host !== new URL(app.url).host);

  it("runs its first query with the token that is filled in, and loads nothing from elsewhere", async () => {
    const { page, addresses, complaints } = await open();
    await answers(page, "CALDAV");
    expect(strangers(addresses)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("knows the schema", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: /documentation explorer/i }).click();
    await page.getByRole("link", { name: "Query", exact: true }).click();
    await page.getByRole("link", { name: "calendarEvents" }).waitFor();
    expect(await page.getByText("What happens in a range").count()).toBeGreaterThan(0);
  });

  it("follows a subscription", async () => {
    const { page, addresses, complaints } = await open(
      "subscription { integrationEvents { type integration { label } } }",
    );
    const socket = page.waitForEvent("websocket");
    await execute(page);
    await socket;
    const ana = await app.as({ tenantId, userId: "ana" });
    const rename = (label: string) =>
      ana.query(
        "mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code } } }",
        {
          input: { id: integration.id, label },
        },
      );
    await expect
      .poll(
        async () => {
          // Only what happens once the subscription is there is seen.
          await rename(`Named ${randomUUID()}`);
          return answer(page).textContent();
        },
        { timeout: 40_000 },
      )
      .toContain("integration.updated");
    expect(addresses.filter((address) => address.startsWith("ws:"))).toEqual([app.wsUrl]);
    expect(strangers(addresses)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("is signed in again when it is opened again, and remembers no token", async () => {
    const { page } = await open();
    await answers(page, "CALDAV");
    // GraphiQL may have kept its tab from before the first query was in it, so the query comes along.
    await page.goto(`${app.url}?query=${encodeURIComponent("{ providers { id } }")}`);
    await answers(page, "CALDAV");
    expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain("Bearer");
  });

  it("lets the headers editor say who asks instead", async () => {
    const { page } = await open("{ integrations { nodes { id } } }");
    const bob = await app.as({ tenantId, userId: "bob", scopes: ["calendar:read"] });
    await page.getByRole("button", { name: "Headers" }).click();
    await page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden)").click();
    await page.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${bob.token}` }));
    await answers(page, "FORBIDDEN");
  });
});
