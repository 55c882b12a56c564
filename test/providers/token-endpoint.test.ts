import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { IntegrationError, isIntegrationError } from "../../src/errors.ts";
import {
  createTokenEndpoint,
  grantGone,
  type TokenEndpoint,
  type TokenEndpointOptions,
  type TokenErrorReply,
} from "../../src/providers/token-endpoint.ts";
import { keepRefreshToken, refreshGrant } from "../../src/providers/token-renewal.ts";
import { createEgress } from "../../src/security/egress.ts";
import { type LoopbackServer, serveOnLoopback } from "../support/loopback-server.ts";

const secrets = ["s3cret-of-ours", "refresh-of-ana", "code-of-ana", "access-of-ana"] as const;
const aQuietFailure = new IntegrationError("PROVIDER_UNAVAILABLE", "Later");
const tokens = {
  access_token: "access-of-ana",
  token_type: "Bearer",
  expires_in: 3599,
  scope: "calendar email",
  api_domain: "https://eu.example.com",
};

interface Reply {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A token endpoint that answers as told, and our client at it. */
async function anEndpoint(
  reply: Reply | "silence" | "hang-up",
  options: Partial<TokenEndpointOptions> = {},
): Promise<{ server: LoopbackServer; endpoint: TokenEndpoint }> {
  const server = await serveOnLoopback((_request, response) => {
    if (reply === "silence") return;
    if (reply === "hang-up") return void response.destroy();
    const { status = 200, body, headers = {} } = reply;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  });
  const endpoint = createTokenEndpoint({
    vendor: "Example",
    auth: { clientAuthentication: "body" },
    client: { id: "our-client", secret: "s3cret-of-ours" },
    authorizationUrl: `${server.origin}/authorize?tenant=acme`,
    tokenUrl: `${server.origin}/token`,
    revocationUrl: `${server.origin}/revoke`,
    agents: createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] }).agents,
    userAgent: "integrations-subgraph/test",
    now: () => new Date(),
    ...options,
  });
  return { server, endpoint };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    (value) => Promise.reject(new Error(`It succeeded with ${JSON.stringify(value)}`)),
    (reason: unknown) => reason,
  );
  const told = inspect(error, { depth: 10, showHidden: true });
  for (const secret of secrets) expect(told).not.toContain(secret);
  return error;
}

describe("the consent page", () => {
  it("is asked for with scopes, state and proof, beside what its address has already", async () => {
    const { endpoint, server } = await anEndpoint({ body: {} });
    const url = new URL(endpoint.consentUrl(["openid", "calendar"], { state: "state", code_challenge: "challenge" }));
    expect(url.origin + url.pathname).toBe(`${server.origin}/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: "acme",
      response_type: "code",
      client_id: "our-client",
      scope: "openid calendar",
      state: "state",
      code_challenge: "challenge",
    });
  });

  it("is asked for with what the vendor wants between scopes", async () => {
    const { endpoint } = await anEndpoint(
      { body: {} },
      { auth: { clientAuthentication: "body", scopeSeparator: "," } },
    );
    const url = new URL(endpoint.consentUrl(["calendar.READ", "event.ALL"], { state: "state" }));
    expect(url.searchParams.get("scope")).toBe("calendar.READ,event.ALL");
  });
});

describe("exchanging a code", () => {
  it("sends code, verifier and where the browser came back to, and reads what is granted", async () => {
    const { endpoint, server } = await anEndpoint({
      body: { ...tokens, refresh_token: "refresh-of-ana", id_token: "a.b.c" },
    });
    const granted = await endpoint.exchange("code-of-ana", {
      codeVerifier: "verifier",
      redirectUri: "https://our.example.com/oauth/callback",
    });
    expect(granted).toEqual({
      accessToken: "access-of-ana",
      refreshToken: "refresh-of-ana",
      expiresInSeconds: 3599,
      scopes: ["calendar", "email"],
      idToken: "a.b.c",
      extra: expect.objectContaining({ api_domain: "https://eu.example.com", token_type: "Bearer" }),
    });
    expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
      grant_type: "authorization_code",
      code: "code-of-ana",
      code_verifier: "verifier",
      redirect_uri: "https://our.example.com/oauth/callback",
      client_id: "our-client",
      client_secret: "s3cret-of-ours",
    });
  });

  it("is refused without saying that a grant is gone: there was none yet", async () => {
    const { endpoint } = await anEndpoint({ status: 400, body: { error: "invalid_grant" } });
    const error = await failureOf(endpoint.exchange("code-of-ana", { codeVerifier: null, redirectUri: "https://x" }));
    expect(error).toMatchObject({ code: "CREDENTIALS_REJECTED", providerCode: "invalid_grant" });
  });
});

describe("refreshing", () => {
  it.each([
    { name: "in the body", clientAuthentication: "body", secret: "s3cret-of-ours", header: undefined },
    {
      name: "in a header (RFC 6749 §2.3.1)",
      clientAuthentication: "header",
      secret: "s3cret-of-ours",
      header: `Basic ${Buffer.from("our-client:s3cret-of-ours").toString("base64")}`,
    },
    { name: "by its id alone, as a public client", clientAuthentication: "none", secret: null, header: undefined },
  ] as const)("shows who we are $name", async ({ clientAuthentication, secret, header }) => {
    const { endpoint, server } = await anEndpoint(
      { body: tokens },
      { auth: { clientAuthentication }, client: { id: "our-client", secret } },
    );
    await endpoint.refresh("refresh-of-ana");
    const [request] = server.requests;
    expect(request?.headers.authorization).toBe(header);
    const sent = Object.fromEntries(new URLSearchParams(request?.body));
    const own = {
      body: { client_id: "our-client", client_secret: secret },
      header: {},
      none: { client_id: "our-client" },
    };
    expect(sent).toEqual({
      grant_type: "refresh_token",
      refresh_token: "refresh-of-ana",
      ...own[clientAuthentication],
    });
  });

  it("keeps the old refresh token when the server sends none (RFC 6749 §6)", async () => {
    const { endpoint } = await anEndpoint({ body: tokens });
    const renewed = await refreshGrant({ endpoint, refreshToken: "refresh-of-ana" });
    expect(renewed).toMatchObject({ accessToken: "access-of-ana", refreshToken: "refresh-of-ana" });
  });

  it("takes the new refresh token when the server rotates", async () => {
    const { endpoint } = await anEndpoint({ body: { ...tokens, refresh_token: "the-next" } });
    expect(await refreshGrant({ endpoint, refreshToken: "refresh-of-ana" })).toMatchObject({
      refreshToken: "the-next",
    });
    const granted = await endpoint.refresh("refresh-of-ana");
    expect(keepRefreshToken(granted, "refresh-of-ana").refreshToken).toBe("the-next");
  });

  it.each([
    { name: "as text", given: { expires_in: "3600" }, seconds: 3600 },
    { name: "not at all", given: { expires_in: undefined }, seconds: null },
  ])("reads an end that is told $name", async ({ given, seconds }) => {
    const { endpoint } = await anEndpoint({ body: { ...tokens, ...given } });
    expect((await endpoint.refresh("refresh-of-ana")).expiresInSeconds).toBe(seconds);
  });

  it.each([
    {
      name: "a grant that is gone",
      reply: { status: 400, body: { error: "invalid_grant", error_description: "refresh-of-ana is gone" } },
      code: "REAUTHORIZATION_REQUIRED",
      retryable: false,
    },
    {
      name: "our secret",
      reply: { status: 401, body: { error: "invalid_client" } },
      code: "NOT_CONFIGURED",
      retryable: true,
    },
    {
      name: "our registration",
      reply: { status: 400, body: { error: "unauthorized_client" } },
      code: "NOT_CONFIGURED",
      retryable: true,
    },
    {
      name: "a word nobody knows",
      reply: { status: 400, body: { error: "moon_phase" } },
      code: "PROVIDER_UNAVAILABLE",
      retryable: true,
    },
    {
      name: "itself, for now",
      reply: { status: 503, body: { error: "temporarily_unavailable" } },
      code: "PROVIDER_UNAVAILABLE",
      retryable: true,
    },
    {
      name: "with a fault of its own",
      reply: { status: 500, body: "<h1>Oops</h1>", headers: { "content-type": "text/html" } },
      code: "PROVIDER_UNAVAILABLE",
      retryable: true,
    },
    {
      name: "too many calls",
      reply: { status: 429, body: {}, headers: { "retry-after": "7" } },
      code: "RATE_LIMITED",
      retryable: true,
    },
    {
      name: "an error that arrives as a success",
      reply: { status: 200, body: { error: "invalid_grant" } },
      code: "REAUTHORIZATION_REQUIRED",
      retryable: false,
    },
    {
      name: "a web page that arrives as a success",
      reply: { status: 200, body: "<h1>Sign in</h1>", headers: { "content-type": "text/html" } },
      code: "PROVIDER_REPLY_INVALID",
      retryable: true,
    },
    {
      name: "a success without a token",
      reply: { status: 200, body: { hello: "access-of-ana" } },
      code: "PROVIDER_REPLY_INVALID",
      retryable: true,
    },
    {
      name: "half an answer",
      reply: { status: 200, body: '{"access_token":"access-of-a' },
      code: "PROVIDER_REPLY_INVALID",
      retryable: true,
    },
    { name: "a hang-up", reply: "hang-up", code: "PROVIDER_UNAVAILABLE", retryable: true },
    { name: "silence", reply: "silence", code: "PROVIDER_UNAVAILABLE", retryable: true },
  ] as const)("is $code for $name, and tells no secret", async ({ reply, code, retryable }) => {
    const { endpoint, server } = await anEndpoint(reply, { timeoutMs: 200 });
    const error = await failureOf(endpoint.refresh("refresh-of-ana"));
    expect(error).toMatchObject({ code, retryable });
    expect(server.requests).toHaveLength(1);
  });

  it("says how long to wait when the server does", async () => {
    const { endpoint } = await anEndpoint({ status: 429, body: {}, headers: { "retry-after": "7" } });
    expect(await failureOf(endpoint.refresh("refresh-of-ana"))).toMatchObject({ retryAfterMs: 7000 });
  });

  it("lets the vendor's own meaning of an error come first", async () => {
    const { endpoint } = await anEndpoint(
      { status: 400, body: { error: "invalid_grant", suberror: "try_later" } },
      {
        auth: {
          clientAuthentication: "body",
          explainTokenError: ({ body }) => (body["suberror"] === "try_later" ? aQuietFailure : undefined),
        },
      },
    );
    expect(await failureOf(endpoint.refresh("refresh-of-ana"))).toBe(aQuietFailure);
  });

  it.each([
    { minutes: 10, says: "behind" },
    { minutes: -10, says: "ahead of" },
  ])("does not believe a refusal of a server whose clock is $minutes minutes from ours", async ({ minutes, says }) => {
    const date = new Date(Date.now() + minutes * 60_000).toUTCString();
    const { endpoint } = await anEndpoint({ status: 400, body: { error: "invalid_grant" }, headers: { date } });
    expect(await failureOf(endpoint.refresh("refresh-of-ana"))).toMatchObject({
      code: "NOT_CONFIGURED",
      message: `This server's clock is 10 minutes ${says} Example's`,
      retryable: true,
    });
  });

  it("refuses an address that may not be called", async () => {
    const { endpoint } = await anEndpoint(
      { body: tokens },
      { agents: createEgress({ allowCidrs: [], allowedOrigins: [] }).agents },
    );
    expect(await failureOf(endpoint.refresh("refresh-of-ana"))).toMatchObject({ code: "EGRESS_REFUSED" });
  });
});

describe("asking again with our own credentials", () => {
  it("sends the scopes (RFC 6749 §4.4)", async () => {
    const { endpoint, server } = await anEndpoint({ body: tokens });
    expect(await endpoint.clientCredentials(["jobs"])).toMatchObject({
      accessToken: "access-of-ana",
      refreshToken: null,
    });
    expect(new URLSearchParams(server.requests[0]?.body).get("grant_type")).toBe("client_credentials");
    expect(new URLSearchParams(server.requests[0]?.body).get("scope")).toBe("jobs");
  });
});

describe("revoking (RFC 7009)", () => {
  it.each([
    { name: "what is there", reply: { status: 200, body: {} } },
    { name: "with an empty answer", reply: { status: 200, body: "", headers: { "content-type": "text/plain" } } },
    { name: "what is gone already", reply: { status: 400, body: { error: "invalid_token" } } },
  ])("ends $name", async ({ reply }) => {
    const { endpoint, server } = await anEndpoint(reply);
    await endpoint.revoke("refresh-of-ana");
    expect(server.requests[0]?.url).toBe("/revoke");
    expect(new URLSearchParams(server.requests[0]?.body).get("token")).toBe("refresh-of-ana");
  });

  it("is asked for where it is, however tokens are asked for, and names that server when it fails", async () => {
    const { endpoint, server } = await anEndpoint(
      { status: 200, body: {} },
      { tokenUrl: "https://id.example.com/token" },
    );
    await endpoint.revoke("refresh-of-ana");
    expect(server.requests).toMatchObject([{ method: "POST", url: "/revoke" }]);
    const { endpoint: deaf, server: silent } = await anEndpoint("hang-up", {
      tokenUrl: "https://id.example.com/token",
    });
    expect(await failureOf(deaf.revoke("refresh-of-ana"))).toMatchObject({
      message: expect.stringContaining(new URL(silent.origin).host),
    });
  });

  it("names the token in the address where the vendor wants it there", async () => {
    const revocation = { kind: "token", ends: "grant", tokenIn: "query" } as const;
    const { endpoint, server } = await anEndpoint({ body: {} }, { auth: { clientAuthentication: "body", revocation } });
    await endpoint.revoke("refresh-of-ana");
    expect(server.requests).toMatchObject([{ method: "POST", url: "/revoke?token=refresh-of-ana" }]);
  });

  it.each([200, 400])("ends what the vendor has a word of its own for being gone, with HTTP %i", async (status) => {
    const explainTokenError = ({ error }: TokenErrorReply) =>
      error === "invalid_code" ? grantGone("Example", error) : undefined;
    const auth = { clientAuthentication: "body", explainTokenError } as const;
    const { endpoint } = await anEndpoint({ status, body: { error: "invalid_code" } }, { auth });
    await expect(endpoint.revoke("refresh-of-ana")).resolves.toBeUndefined();
  });

  it("fails when the refusal comes as a success", async () => {
    const { endpoint } = await anEndpoint({ status: 200, body: { error: "general_error" } });
    expect(await failureOf(endpoint.revoke("refresh-of-ana"))).toMatchObject({ providerCode: "general_error" });
  });

  it.each([
    { name: "in its own words", reply: { status: 503, body: {} } },
    { name: "with a page", reply: { status: 503, body: "<h1>Down</h1>", headers: { "content-type": "text/html" } } },
  ])("fails when the server is down, and says so $name", async ({ reply }) => {
    const { endpoint } = await anEndpoint(reply);
    expect(isIntegrationError(await failureOf(endpoint.revoke("refresh-of-ana")), "PROVIDER_UNAVAILABLE")).toBe(true);
  });
});
