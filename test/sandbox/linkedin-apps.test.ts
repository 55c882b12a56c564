import { describe, expect, it } from "vitest";
import { aJob, aLinkedIn, integration, tokenOf } from "../support/linkedin-client.ts";

const minuteMs = 60_000;

describe("LinkedIn's tokens", () => {
  it("are given for client id and secret in a form, without a scope, and say how long they are good", async () => {
    const { sandbox, child } = await aLinkedIn();
    const { status, body } = await tokenOf(sandbox, child.credentials);
    expect([status, body]).toEqual([200, { access_token: expect.any(String), expires_in: 1800 }]);
  });

  it("are good for half an hour, or as long as they say, and then 401 with 65602", async () => {
    const { twin, sandbox, child, advance } = await aLinkedIn();
    advance(29 * minuteMs);
    expect((await child.post([aJob()])).status).toBe(200);
    advance(2 * minuteMs);
    const { status, body } = await child.post([aJob()]);
    expect([status, body]).toEqual([
      401,
      { serviceErrorCode: 65602, message: "The token used in the request has expired", status: 401 },
    ]);
    twin.switches.tokenSeconds = 3600;
    expect((await tokenOf(sandbox, child.credentials)).body.expires_in).toBe(3600);
  });

  it("that were never given are 401 with 65600", async () => {
    const { child } = await aLinkedIn();
    const { status, body } = await child.get("/v2/jobPostingStatus?ids=1", { authorization: "Bearer made-up" });
    expect([status, body.serviceErrorCode, body.status]).toEqual([401, 65600, 401]);
  });

  it.each([
    ["a wrong secret", { client_secret: "wrong" }, 401, "invalid_client"],
    ["an unknown client", { client_id: "nobody" }, 401, "invalid_client"],
    ["another grant type", { grant_type: "authorization_code" }, 400, "unsupported_grant_type"],
    ["no grant type", { grant_type: "" }, 400, "invalid_request"],
  ])("are not given for %s", async (_, changes, status, error) => {
    const { sandbox, child } = await aLinkedIn();
    const answer = await tokenOf(sandbox, child.credentials, changes);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  it("are several at a time, and each request for one is known, so that reuse can be checked", async () => {
    const { sandbox, twin, child } = await aLinkedIn();
    await tokenOf(sandbox, child.credentials);
    expect((await child.post([aJob()])).status).toBe(200);
    const own = twin.tokenRequests.filter(({ clientId }) => clientId === child.credentials.client_id);
    expect(own.map(({ isGranted }) => isGranted)).toEqual([true, true]);
  });

  it("of an application that LinkedIn has ended are good no longer, nor is its secret", async () => {
    const { sandbox, twin, child } = await aLinkedIn();
    twin.endApp(child.key);
    expect((await child.get("/v2/jobPostingStatus?ids=1")).body.serviceErrorCode).toBe(65600);
    expect((await tokenOf(sandbox, child.credentials)).body.error).toBe("invalid_client");
  });
});

describe("a child application", () => {
  const wish = {
    uniqueForeignId: "tenant-7",
    name: "Ours - Muster AG",
    description: "Jobs of Muster AG",
    oauth2AuthorizedCallbackUrls: ["https://ours.example.test/callback"],
    validJsSdkDomains: ["https://ours.example.test"],
  };

  it("is provisioned with the parent's token, and its secret is shown then", async () => {
    const { sandbox, parent } = await aLinkedIn();
    const { status, body } = await parent.call("POST", "/v2/provisionedApplications", wish);
    expect([status, body]).toEqual([
      201,
      {
        key: expect.stringMatching(/^urn:li:developerApplication:\d+$/),
        credentials: { client_id: expect.any(String), client_secret: expect.any(String) },
      },
    ]);
    expect((await tokenOf(sandbox, body.credentials)).status).toBe(200);
  });

  it("is found by its foreign id, without the secret unless LinkedIn shows it again", async () => {
    const { twin, parent } = await aLinkedIn();
    const { body: made } = await parent.call("POST", "/v2/provisionedApplications", wish);
    const find = async (id: string) =>
      (await parent.get(`/v2/provisionedApplications?q=credentialsByUniqueForeignId&uniqueForeignId=${id}`)).body;
    const { client_id, client_secret } = made.credentials;
    expect((await find("tenant-7")).elements).toEqual([{ ...wish, key: made.key, credentials: { client_id } }]);
    twin.switches.lookupShowsSecret = true;
    expect((await find("tenant-7")).elements[0].credentials).toEqual({ client_id, client_secret });
    expect(await find("nobody")).toEqual({ elements: [] });
  });

  it("is changed below its URN", async () => {
    const { parent } = await aLinkedIn();
    const { body: made } = await parent.call("POST", "/v2/provisionedApplications", wish);
    const path = `/v2/provisionedApplications/${encodeURIComponent(made.key)}`;
    const { status } = await parent.call("POST", path, { patch: { $set: { name: "Ours - Muster" } } });
    expect(status).toBe(204);
    const found = await parent.get(
      "/v2/provisionedApplications?q=credentialsByUniqueForeignId&uniqueForeignId=tenant-7",
    );
    expect(found.body.elements[0].name).toBe("Ours - Muster");
  });

  it.each([
    ["a name of 51 characters", { name: "n".repeat(51) }, 422],
    ["a name of 50 characters", { name: "n".repeat(50) }, 201],
    ["no foreign id", { uniqueForeignId: undefined }, 422],
    ["a foreign id that is taken", { uniqueForeignId: "tenant-1" }, 409],
  ])("with %s is answered as it deserves", async (_, changes, status) => {
    const { parent } = await aLinkedIn();
    expect((await parent.call("POST", "/v2/provisionedApplications", { ...wish, ...changes })).status).toBe(status);
  });

  it("is made by the parent alone, and the parent posts no jobs", async () => {
    const { parent, child } = await aLinkedIn();
    expect((await child.call("POST", "/v2/provisionedApplications", wish)).status).toBe(403);
    const { status, body } = await parent.post([aJob()]);
    expect([status, body.serviceErrorCode, body.status]).toEqual([403, 100, 403]);
  });
});

describe("an integration of a customer", () => {
  const patch = { "x-restli-method": "batch_partial_update" };

  it("is switched on with the parent's token, and is there when it is looked for", async () => {
    const { twin, parent } = await aLinkedIn();
    const urn = twin.createOrganization({ isOnboarded: true });
    const { query, entity } = integration(urn, "APPLY_CONNECT");
    expect(Object.values((await parent.get(`/v2/atsIntegrations?${query}`)).body.errors)).toMatchObject([
      { status: 404 },
    ]);
    const { status, body } = await parent.call("POST", `/v2/atsIntegrations?${query}`, entity, patch);
    expect([status, Object.values(body.results)]).toEqual([200, [{ status: 204 }]]);
    expect(Object.values((await parent.get(`/v2/atsIntegrations?${query}`)).body.results)).toEqual([
      {
        integrationContext: urn,
        integrationType: "APPLY_CONNECT",
        tenantType: "JOBS",
        dataProvider: "ATS",
        integrationName: "APPLY_CONNECT",
      },
    ]);
  });

  it("takes the key in its body with and without ids[0] in front", async () => {
    const { parent, organization } = await aLinkedIn();
    const { query } = integration(organization, "APPLY_CONNECT");
    const entities = { [query]: { patch: { $set: { integrationName: "Ours" } } } };
    const { body } = await parent.call("POST", `/v2/atsIntegrations?${query}`, { entities }, patch);
    expect(Object.values(body.results)).toEqual([{ status: 204 }]);
  });

  it("needs the customer's administrator to have completed the onboarding", async () => {
    const { origin, twin, parent } = await aLinkedIn();
    const urn = twin.createOrganization({ name: "Neu GmbH" });
    const { query, entity } = integration(urn, "APPLY_CONNECT");
    const switchOn = () => parent.call("POST", `/v2/atsIntegrations?${query}`, entity, patch);
    expect(Object.values((await switchOn()).body.errors)).toMatchObject([{ status: 403 }]);
    const body = new URLSearchParams({ organization: urn, notifiesApplicants: "on" });
    const page = await (await fetch(`${origin}/onboarding`, { method: "POST", body })).text();
    expect(page).toContain(urn);
    expect(page).toContain(twin.organization(urn).contract);
    expect(Object.values((await switchOn()).body.results)).toEqual([{ status: 204 }]);
  });

  it("is none of a child's business", async () => {
    const { child, organization } = await aLinkedIn();
    const { query, entity } = integration(organization, "APPLY_CONNECT");
    expect((await child.call("POST", `/v2/atsIntegrations?${query}`, entity, patch)).status).toBe(403);
  });
});

describe("a call", () => {
  it.each([
    ["without a version", { "linkedin-version": "" }, 426],
    ["of a version that is no month", { "linkedin-version": "202513" }, 426],
    ["of a version that is served no longer", { "linkedin-version": "202401" }, 426],
    ["without x-restli-method", { "x-restli-method": "" }, 400],
    ["of another content type", { "content-type": "text/plain" }, 415],
  ])("%s is refused below /rest", async (_, headers, status) => {
    const { child } = await aLinkedIn();
    const own = { "x-restli-method": "batch_create" };
    const answer = await child.call("POST", "/rest/simpleJobPostings", { elements: [aJob()] }, { ...own, ...headers });
    expect([answer.status, answer.body.status]).toEqual([status, status]);
  });

  it("needs no version below /v2", async () => {
    const { origin, child } = await aLinkedIn();
    const reply = await fetch(`${origin}/v2/simpleJobPostings`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${child.token}`,
        "content-type": "application/json",
        "x-restli-method": "batch_create",
      },
      body: JSON.stringify({ elements: [aJob()] }),
    });
    expect(reply.status).toBe(200);
  });

  it("to nowhere is 404 with serviceErrorCode 0: there is no list of applications either", async () => {
    const { child } = await aLinkedIn();
    for (const path of [
      "/v2/jobs",
      "/rest/jobApplications",
      "/v2/jobApplications?q=job",
      "/rest/jobPostingStatus?ids=1",
    ]) {
      const { status, body } = await child.get(path);
      expect([path, status, body.serviceErrorCode]).toEqual([path, 404, 0]);
    }
  });
});
