import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { aLinkedIn, anOnsiteJob, aReceiver, type LinkedInWorld, zoe } from "../support/linkedin-client.ts";

const hourMs = 3_600_000;

/** A listed job that is applied for at LinkedIn, where its receiver answers with these statuses. */
async function anOpenJob({ twin, child }: LinkedInWorld, statuses: readonly number[] = [200]) {
  const receiver = await aReceiver(child.credentials.client_secret, statuses);
  await child.sendAndWait(anOnsiteJob(receiver.url));
  await twin.settled();
  twin.finishTasks();
  const { jobPostingUrl } = await child.status("job-42");
  return { receiver, page: String(jobPostingUrl) };
}

describe("an application to LinkedIn", () => {
  it("that waits to be sent again is brought after a restart, with the same signature", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const world = await aLinkedIn({ stateFile });
    world.twin.switches.resendDelayMs = hourMs;
    const { receiver } = await anOpenJob(world, [500, 200]);
    await world.twin.apply(world.twin.jobNamed("job-42"), zoe);
    expect(receiver.messages().length).toBe(1);
    await world.sandbox.stop();
    const again = await startSandbox({ port: 0, stateFile });
    onTestFinished(() => again.stop());
    await again.linkedin.settled();
    const [first, second] = receiver.messages().map(({ body, headers }) => [body, headers["x-li-signature"]]);
    expect([receiver.messages().length, second]).toEqual([2, first]);
    expect(again.linkedin.sentApplications[0]?.attempts.map(({ status }) => status)).toEqual([500, 200]);
  });

  it("that is lost is believed to have arrived, and arrives when it is sent again", async () => {
    const world = await aLinkedIn();
    const { receiver, page } = await anOpenJob(world);
    const end = world.twin.failPush("lost");
    const applied = await world.twin.apply(world.twin.jobNamed("job-42"), zoe);
    end();
    if (applied.outcome !== "sent") throw new Error(applied.outcome);
    expect(applied.firstAttempt.status).toBe(200);
    expect(receiver.messages().length).toBe(0);
    const shown = await (await fetch(page)).text();
    expect([shown.includes(": delivered"), shown.includes("not delivered")]).toEqual([true, false]);
    expect(await world.twin.deliverAgain(applied.jobApplicationId)).toMatchObject({ status: 200 });
    expect(JSON.parse(receiver.messages()[0]?.body ?? "")).toMatchObject({
      jobApplicationId: applied.jobApplicationId,
    });
  });
});
