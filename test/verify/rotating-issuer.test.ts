import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LoopbackServer, serveOnLoopback } from "../../verify/drill/loopback-server.ts";
import { RotatingIssuer } from "../../verify/drill/rotating-issuer.ts";

const client = { id: "integrations", secret: "not-a-secret-of-anybody" };
let server: LoopbackServer;
let issuer: RotatingIssuer;

async function start(graceMs: number): Promise<void> {
  issuer = new RotatingIssuer({ client, graceMs, lifeSeconds: () => 3600 });
  server = await serveOnLoopback(() => (request, response) => issuer.answer(request, response));
}

/** @returns the new refresh token; null when the old one is refused */
async function refresh(refreshToken: string): Promise<string | null> {
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: client.id,
    client_secret: client.secret,
  });
  const reply = await fetch(`${server.origin}/token`, { method: "POST", body });
  return reply.ok ? ((await reply.json()) as { refresh_token: string }).refresh_token : null;
}

afterEach(() => server.close());

describe("the drills' strict vendor", () => {
  beforeEach(() => start(0));

  it("gives a new refresh token each time", async () => {
    const first = await issuer.consent("ada");
    const second = await refresh(first);
    expect(second).not.toBe(first);
    expect(await issuer.grant("ada")).toMatchObject({ isAlive: true, refreshToken: second, given: 1, refused: 0 });
  });

  it("ends the grant when a used refresh token comes again", async () => {
    const first = await issuer.consent("ada");
    const second = await refresh(first);
    expect(await refresh(first)).toBeNull();
    expect(await refresh(second ?? "")).toBeNull();
    expect(await issuer.grant("ada")).toMatchObject({ isAlive: false, given: 1 });
  });
});

describe("the drills' vendor with a grace", () => {
  beforeEach(() => start(60_000));

  it("takes the refresh token before the newest, as often as it comes", async () => {
    const first = await issuer.consent("ada");
    await refresh(first);
    await refresh(first);
    const newest = await refresh(first);
    expect(await issuer.grant("ada")).toMatchObject({ isAlive: true, refreshToken: newest, given: 3 });
  });

  it("ends the grant for one that is older", async () => {
    const first = await issuer.consent("ada");
    const second = await refresh(first);
    await refresh(second ?? "");
    expect(await refresh(first)).toBeNull();
    expect(await issuer.grant("ada")).toMatchObject({ isAlive: false });
  });
});
