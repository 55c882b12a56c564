import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { MovableTime } from "../support/movable-time.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;
let time: MovableTime;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  const { CAREERBUILDER_BASE_URL = "" } = sandbox.settings;
  time = new MovableTime(sandbox.clock);
  app = await startTestApp({ env: { CAREERBUILDER_BASE_URL }, now: time.now });
  await time.follow(app);
});
afterAll(async () => {
  await time.stop();
  await app.stop();
  await sandbox.stop();
});

const providerIn = async (journey: Journey): Promise<Json> => {
  const query = "{ providers(kind: JOB_BOARD) { id availability availabilityReason configured } }";
  const { providers } = dataOf(await journey.caller.query(query));
  return providers.find(({ id }: Json) => id === "CAREERBUILDER");
};

async function aCompany() {
  const tenantId = `tenant-${randomUUID()}`;
  const code = tenantId.slice(0, 20).toUpperCase();
  const { vendorId, userName, password } = sandbox.careerbuilder.createAccount(code);
  const as = async (userId: string) => new Journey(await app.as({ tenantId, userId }));
  const [journey, bo] = [await as("ana"), await as("bo")];
  const values = { vendorId, accountCode: code, userName, password };
  const credentials = Object.entries(values).map(([name, value]) => ({ name, value }));
  const connect = (by = journey): Promise<Json> =>
    by.mutate(
      "connectIntegration",
      { provider: "CAREERBUILDER", credentials },
      "integration { id status accountName }",
    );
  return { journey, bo, password, connect };
}

describe("CareerBuilder", () => {
  it("is unavailable until the operator names its server, and says why", async () => {
    const bare = await startTestApp();
    try {
      const journey = new Journey(await bare.as());
      expect(await providerIn(journey)).toEqual({
        id: "CAREERBUILDER",
        availability: "UNAVAILABLE",
        availabilityReason: expect.stringMatching(/insolvency in 2025.*CAREERBUILDER_BASE_URL/),
        configured: false,
      });
      const { connect } = await aCompany();
      const { integration, userErrors } = await connect(journey);
      expect(integration).toBeNull();
      expect(userErrors).toMatchObject([{ code: "NOT_CONFIGURED", remedy: expect.stringContaining("insolvency") }]);
    } finally {
      await bare.stop();
    }
  });

  it("has a job approved, queued and posted, and taken off, once it is there; its password is seen nowhere", async () => {
    const { journey, bo, password, connect } = await aCompany();
    expect(await providerIn(journey)).toMatchObject({ availability: "READY", configured: true });
    const { integration, userErrors } = await connect();
    expect(userErrors).toEqual([]);
    expect(integration).toMatchObject({ status: "ACTIVE" });
    sandbox.careerbuilder.switches.pollsQueued = 0;
    const job = {
      externalReference: `REF-${randomUUID().slice(0, 8)}`,
      title: "Service engineer",
      description: "<p>You mend bridges.</p>",
      location: { city: "Austin", region: "TX", country: "US" },
      company: { name: "Muster Bridges" },
      applyUrl: "https://careers.example.test/apply/1",
    };
    const posted = await journey.mutate(
      "postJob",
      { jobId: `job-${randomUUID()}`, job, integrationIds: [integration.id] },
      "results { jobPosting { id state applyLink { url } } userErrors { code } }",
    );
    const { id, state } = posted.results[0].jobPosting;
    expect(state).toBe("PENDING_APPROVAL");
    await bo.mutate("approveJobPosting", { id }, "jobPosting { id }");
    const posting = async (): Promise<Json> =>
      dataOf(
        await journey.caller.query(
          "query ($id: ID!) { jobPosting(id: $id) { state boardState boardUrl applyLink { url } } }",
          {
            id,
          },
        ),
      ).jobPosting;
    const until = (wanted: string) => eventually(`a posting that is ${wanted}`, posting, (one) => one.state === wanted);
    await until("IN_REVIEW");
    await time.pass(10 * 60 * 1000);
    const live = await until("LIVE");
    expect(live).toMatchObject({ boardState: "Posted", boardUrl: expect.stringContaining("careerbuilder.com/job/") });
    const [stored] = sandbox.careerbuilder.jobs().filter(({ jobId }) => jobId === job.externalReference);
    expect(stored?.job["ApplicationURL"]).toBe(live.applyLink.url);
    await journey.mutate("closeJobPosting", { id }, "jobPosting { id }");
    await until("CLOSED");
    expect(JSON.stringify([app.logLines, await journey.log()])).not.toContain(password);
  });
});
