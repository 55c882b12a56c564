import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { newSigningSecret } from "../../src/services/endpoint-secrets.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

const secret = newSigningSecret();

async function send(name: string, body = JSON.stringify({ type: "job_posting.live" }), by = secret): Promise<number> {
  const now = new Date();
  const response = await fetch(`${sandbox.origin}/webhook-inbox/${name}`, {
    method: "POST",
    headers: {
      "webhook-id": "event",
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": new Webhook(by).sign("event", now, body),
      authorization: "Bearer of-the-customer",
    },
    body,
  });
  return response.status;
}

const tell = (command: string, words: object) =>
  fetch(`${sandbox.origin}/_control/webhook-inbox/${command}`, { method: "POST", body: JSON.stringify(words) });

async function messages(name: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${sandbox.origin}/webhook-inbox/${name}.json`);
  return ((await response.json()) as { messages: Record<string, unknown>[] }).messages;
}

describe("the webhook inbox", () => {
  it("keeps what is sent, the newest first, and tells whether it is signed once it knows the secret", async () => {
    expect(await send("mine")).toBe(204);
    expect(await messages("mine")).toMatchObject([{ id: "event", type: "job_posting.live", isSigned: null }]);
    await tell("secret", { name: "mine", secret });
    expect(await messages("mine")).toMatchObject([{ isSigned: true }]);
    await send("mine", JSON.stringify({ type: "sync.finished" }), newSigningSecret());
    expect(await messages("mine")).toMatchObject([{ type: "sync.finished", isSigned: false }, { isSigned: true }]);
    expect(JSON.stringify(await messages("mine"))).not.toContain("of-the-customer");
  });

  it("shows people what came, and nothing of it runs", async () => {
    await send("shown", JSON.stringify({ type: "<script>alert(1)</script>" }));
    const page = await (await fetch(`${sandbox.origin}/webhook-inbox/shown`)).text();
    expect(page).toContain("&#60;script&#62;");
    expect(page).not.toContain("<script>");
    expect(await (await fetch(`${sandbox.origin}/webhook-inbox/`)).text()).toContain("webhook-inbox/shown");
  });

  it("fails on request, as customers' servers do", async () => {
    sandbox.webhookInbox.faults.arm("rate-limited", { times: 1 });
    expect(await send("failing")).toBe(429);
    expect(await send("failing")).toBe(204);
    expect(await messages("failing")).toHaveLength(1);
  });

  it("forgets the oldest", async () => {
    for (let index = 0; index < 205; index += 1) await send("many", JSON.stringify({ type: `type.${index}` }));
    const kept = await messages("many");
    expect(kept).toHaveLength(200);
    expect(kept[0]).toMatchObject({ type: "type.204" });
  });
});
