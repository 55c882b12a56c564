import { describe, expect, it } from "vitest";
import { aJob, anIndeed, createQuery, type IndeedWorld } from "../support/indeed-client.ts";

const redirectUri = "http://localhost:4000/oauth/callback";
const days = (count: number) => count * 24 * 60 * 60;

/** What a person's consent gives. */
async function consented(world: IndeedWorld, scope = "email offline_access employer_access") {
  const { sandbox, twin, token } = world;
  const { INDEED_AUTH_URL: url, INDEED_CLIENT_ID: id = "" } = sandbox.settings;
  const query = new URLSearchParams({
    client_id: id,
    redirect_uri: redirectUri,
    response_type: "code",
    scope,
    state: "s",
  });
  const back = new URL(twin.authorize(`${url}?${query}`, { email: "ana@example.test" })).searchParams;
  expect(back.get("state")).toBe("s");
  return token({ grant_type: "authorization_code", code: back.get("code") ?? "", redirect_uri: redirectUri });
}

describe("a token of Indeed's", () => {
  it("is the partner's own, for an hour", async () => {
    const { token } = await anIndeed();
    const { status, body } = await token();
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), scope: "employer_access", token_type: "Bearer", expires_in: 3600 },
    ]);
  });

  it("stands for one employer, where it is asked for that", async () => {
    const { twin, token, call } = await anIndeed();
    twin.createAccount({ email: "ana@example.test", employerId: "e-1" });
    const { body } = await token({ employer: "e-1" });
    await call(createQuery, { input: { jobPostings: [aJob()] } }, body.access_token);
    expect(twin.posting("JOB-1")).toMatchObject({ account: "e-1" });
  });

  it.each([
    { form: { client_secret: "wrong" }, status: 401, error: "invalid_client" },
    { form: { client_id: "nobody" }, status: 401, error: "invalid_client" },
    { form: { scope: "everything" }, status: 400, error: "invalid_scope" },
    { form: { scope: "" }, status: 400, error: "invalid_scope" },
    { form: { employer: "nobody" }, status: 400, error: "invalid_request" },
    { form: { grant_type: "password" }, status: 400, error: "unsupported_grant_type" },
    { form: { grant_type: "refresh_token", refresh_token: "x" }, status: 400, error: "invalid_grant" },
    { form: { grant_type: "authorization_code", code: "x" }, status: 400, error: "invalid_grant" },
  ])("is refused: $form", async ({ form, status, error }) => {
    const { token } = await anIndeed();
    const answer = await token(form);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  it("comes of a person's consent, and is renewed for sixty days", async () => {
    const world = await anIndeed();
    world.twin.createAccount({ email: "ana@example.test" });
    const { body } = await consented(world);
    expect(body).toMatchObject({ expires_in: 3600, token_type: "Bearer", refresh_token: expect.any(String) });
    const renewal = { grant_type: "refresh_token", refresh_token: body.refresh_token };
    world.wait(days(59));
    const renewed = await world.token(renewal);
    expect([renewed.status, renewed.body.refresh_token]).toEqual([200, undefined]);
    world.wait(days(2));
    expect((await world.token(renewal)).body.error).toBe("invalid_grant");
  });

  it("is renewed with a refresh token that is good once, where Indeed is told to", async () => {
    const world = await anIndeed();
    world.twin.oauth.rotatesRefreshTokens = true;
    world.twin.createAccount({ email: "ana@example.test" });
    const { body } = await consented(world);
    const renew = (refreshToken: string) => world.token({ grant_type: "refresh_token", refresh_token: refreshToken });
    const renewed = await renew(body.refresh_token);
    expect(renewed.body.refresh_token).not.toBe(body.refresh_token);
    expect((await renew(body.refresh_token)).status).toBe(400);
    expect((await renew(renewed.body.refresh_token)).status).toBe(200);
  });

  it("has no refresh token without offline_access", async () => {
    const world = await anIndeed();
    world.twin.createAccount({ email: "ana@example.test" });
    expect((await consented(world, "email employer_access")).body.refresh_token).toBeUndefined();
  });

  it.each([
    { why: "is missing", token: null },
    { why: "is nobody's", token: "x" },
  ])("that $why is refused with 200, or with 401", async ({ token }) => {
    const { twin, call } = await anIndeed();
    const refused = { data: null, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] };
    for (const status of [200, 401] as const) {
      twin.switches.unauthenticatedStatus = status;
      const answer = await call("{ node(id: 1) { id } }", {}, token);
      expect([answer.status, answer.body]).toMatchObject([status, refused]);
    }
  });

  it("ends after its hour, and when it is ended", async () => {
    const { twin, wait, token, call } = await anIndeed();
    const codeOf = async (bearer: string) =>
      (await call(createQuery, { input: { jobPostings: [] } }, bearer)).body.errors?.[0].extensions.code;
    const first = (await token()).body.access_token;
    wait(3599);
    expect(await codeOf(first)).toBeUndefined();
    wait(1);
    expect(await codeOf(first)).toBe("UNAUTHENTICATED");
    const fresh = (await token()).body.access_token;
    expect(await codeOf(fresh)).toBeUndefined();
    twin.expireAccessTokens();
    expect(await codeOf(fresh)).toBe("UNAUTHENTICATED");
    expect(twin.tokenRequests()).toHaveLength(2);
  });

  it("is for employers only with that scope, and for partners only with their contract", async () => {
    const { twin, token, call } = await anIndeed();
    const forbidden = [{ message: "client is not authorized", extensions: { code: "FORBIDDEN" } }];
    const other = (await token({ scope: "email" })).body.access_token;
    expect((await call("{ __typename }", {}, other)).body.errors).toMatchObject(forbidden);
    twin.switches.isApproved = false;
    expect((await call("{ __typename }")).body.errors).toMatchObject(forbidden);
  });
});
