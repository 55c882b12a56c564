import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { IntegrationError } from "../../src/errors.ts";
import { Idempotency } from "../../src/services/idempotency.ts";
import type { Viewer } from "../../src/services/viewer.ts";
import { aViewer } from "../support/builders.ts";
import { Gate } from "../support/gate.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const secondMs = 1000;
const hourMs = 60 * 60 * secondMs;
let opened: OpenedDatabase;
let now: Date;
let idempotency: Idempotency;

beforeAll(async () => {
  opened = await openTestDatabase({ poolSize: 20 });
});
beforeEach(() => {
  now = new Date("2026-11-01T09:00:00Z");
  idempotency = new Idempotency(
    opened.database,
    (text) => [text],
    () => now,
  );
});
afterAll(() => opened.close());

const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

/** Something that can be made, and what was made so far. */
function aMaker() {
  const made: string[] = [];
  const make = async (id: string) => {
    made.push(id);
    return id;
  };
  return { made, make };
}

function aCall(changes: { mutation?: string; key?: string | null; input?: unknown } = {}) {
  return { mutation: "createThing", key: randomUUID(), input: { title: "Interview" }, ...changes };
}

const never = async () => {
  throw new Error("This must not be done again");
};

describe("a call with an idempotency key", () => {
  it("is done once; the same call gets the same answer", async () => {
    const { made, make } = aMaker();
    const call = aCall();
    const first = await idempotency.once(aViewer(), call, make);
    const second = await idempotency.once(aViewer(), call, make);
    expect({ made, second }).toEqual({ made: [first], second: first });
  });

  it("answers with what is there afterwards, even if that has another id", async () => {
    const call = aCall();
    const other = randomUUID();
    expect(await idempotency.once(aViewer(), call, async () => other)).toBe(other);
    expect(await idempotency.once(aViewer(), call, never)).toBe(other);
  });

  it("refuses the key for other input, and goes on answering the first", async () => {
    const { make } = aMaker();
    const call = aCall();
    const first = await idempotency.once(aViewer(), call, make);
    const changed = idempotency.once(aViewer(), { ...call, input: { title: "Lunch" } }, never);
    await expect(changed).rejects.toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
      retryable: false,
      field: ["input", "idempotencyKey"],
    });
    expect(await idempotency.once(aViewer(), call, never)).toBe(first);
  });

  it("is told to ask again while the first still runs", async () => {
    const call = aCall();
    const [begun, release] = [new Gate(), new Gate()];
    const first = idempotency.once(aViewer(), call, async (id) => {
      begun.open();
      await release.passed;
      return id;
    });
    await begun.passed;
    await expect(idempotency.once(aViewer(), call, never)).rejects.toMatchObject({
      code: "CONFLICT",
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    await expect(idempotency.once(aViewer(), { ...call, input: "other" }, never)).rejects.toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
    });
    release.open();
    const id = await first;
    expect(await idempotency.once(aViewer(), call, never)).toBe(id);
  });

  it("is done once when twenty ask at the same moment", async () => {
    const call = aCall();
    const { made, make } = aMaker();
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => idempotency.once(aViewer(), call, make)));
    const answers = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const refusals = asked.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(made).toHaveLength(1);
    expect(new Set(answers)).toEqual(new Set(made));
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: "CONFLICT", retryable: true });
    expect(await idempotency.once(aViewer(), call, never)).toBe(made[0]);
  });

  it("is done again with the same id when the first call died", async () => {
    const call = aCall();
    const ids: string[] = [];
    // A process that dies neither answers nor fails.
    void idempotency.once(aViewer(), call, (id) => {
      ids.push(id);
      return new Promise(() => {});
    });
    await expect.poll(() => ids.length).toBe(1);
    later(59 * secondMs);
    await expect(idempotency.once(aViewer(), call, never)).rejects.toMatchObject({ code: "CONFLICT" });
    later(secondMs);
    await expect(idempotency.once(aViewer(), { ...call, input: "other" }, never)).rejects.toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
    });
    const { made, make } = aMaker();
    const id = await idempotency.once(aViewer(), call, make);
    expect({ made, id }).toEqual({ made: ids, id: ids[0] });
  });

  it("is repeated by one only when several find the first call dead", async () => {
    const call = aCall();
    const begun = new Gate();
    void idempotency.once(aViewer(), call, () => {
      begun.open();
      return new Promise(() => {});
    });
    await begun.passed;
    later(2 * 60 * secondMs);
    const { made, make } = aMaker();
    await Promise.allSettled(Array.from({ length: 10 }, () => idempotency.once(aViewer(), call, make)));
    expect(made).toHaveLength(1);
  });

  it("remembers a refusal with all it said", async () => {
    const call = aCall();
    const refusal = new IntegrationError("PROVIDER_REFUSED", "The calendar is read-only", {
      field: ["input", "calendarId"],
      remedy: "Choose another calendar.",
      providerCode: "need-privileges",
    });
    await expect(idempotency.once(aViewer(), call, () => Promise.reject(refusal))).rejects.toBe(refusal);
    const again = await idempotency.once(aViewer(), call, never).catch((error: unknown) => error);
    expect(again).toBeInstanceOf(IntegrationError);
    const { code, message, field, remedy, providerCode, retryable } = refusal;
    expect(again).toMatchObject({ code, message, field, remedy, providerCode, retryable });
  });

  it.each([
    { name: "a failure that may pass", failure: new IntegrationError("PROVIDER_UNAVAILABLE", "Its server is down") },
    { name: "a fault of ours", failure: new Error("connection lost") },
  ])("is free again at once after $name, with the same id: it may have been done", async ({ failure }) => {
    const call = aCall();
    const ids: string[] = [];
    const failing = idempotency.once(aViewer(), call, (id) => {
      ids.push(id);
      return Promise.reject(failure);
    });
    await expect(failing).rejects.toBe(failure);
    const { made, make } = aMaker();
    const id = await idempotency.once(aViewer(), call, make);
    expect({ made, id }).toEqual({ made: ids, id: ids[0] });
  });

  it("is not freed by a call that was taken for dead and fails after all", async () => {
    const call = aCall();
    const [oldBegun, oldFails, newBegun, newEnds] = [new Gate(), new Gate(), new Gate(), new Gate()];
    const old = idempotency.once(aViewer(), call, async () => {
      oldBegun.open();
      await oldFails.passed;
      throw new IntegrationError("PROVIDER_UNAVAILABLE", "Its server is down");
    });
    await oldBegun.passed;
    later(61 * secondMs);
    const second = idempotency.once(aViewer(), call, async (id) => {
      newBegun.open();
      await newEnds.passed;
      return id;
    });
    await newBegun.passed;
    oldFails.open();
    await expect(old).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    await expect(idempotency.once(aViewer(), call, never)).rejects.toMatchObject({ code: "CONFLICT" });
    newEnds.open();
    const id = await second;
    expect(await idempotency.once(aViewer(), call, never)).toBe(id);
  });

  it("is not done again when its answer could not be stored", async () => {
    const call = aCall();
    const ids: string[] = [];
    await opened.look(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$",
    );
    await opened.look(
      "CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON idempotency_key FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    const answer = idempotency.once(aViewer(), call, async (id) => {
      ids.push(id);
      return id;
    });
    await expect(answer).rejects.toThrow("disk full");
    await opened.look("DROP TRIGGER refuse ON idempotency_key");
    await expect(idempotency.once(aViewer(), call, never)).rejects.toMatchObject({ code: "CONFLICT" });
    later(60 * secondMs);
    expect(await idempotency.once(aViewer(), call, async (id) => id)).toBe(ids[0]);
  });

  it("is forgotten after 24 hours", async () => {
    const call = aCall();
    const { made, make } = aMaker();
    const first = await idempotency.once(aViewer(), call, make);
    later(24 * hourMs - 1);
    expect(await idempotency.once(aViewer(), call, never)).toBe(first);
    later(1);
    const second = await idempotency.once(aViewer(), { ...call, input: "other" }, make);
    expect(made).toEqual([first, second]);
    expect(second).not.toBe(first);
  });

  it.each<{ name: string; viewer?: Partial<Viewer>; mutation?: string }>([
    { name: "tenant", viewer: { tenantId: "globex" } },
    { name: "user", viewer: { userId: "bob" } },
    { name: "mutation", mutation: "deleteThing" },
  ])("has nothing to do with the same key of another $name", async ({ viewer = {}, ...changes }) => {
    const { made, make } = aMaker();
    const call = aCall();
    const mine = await idempotency.once(aViewer(), call, make);
    const { tenantId = "acme", userId = "ada" } = viewer;
    const theirs = await idempotency.once(aViewer({ tenantId, userId }), { ...call, ...changes, input: "other" }, make);
    expect(made).toEqual([mine, theirs]);
    expect(theirs).not.toBe(mine);
  });

  it.each([
    { name: "empty", key: "" },
    { name: "longer than 255 characters", key: "k".repeat(256) },
    { name: "one that Postgres cannot store", key: "a\0b" },
  ])("is refused when the key is $name", async ({ key }) => {
    await expect(idempotency.once(aViewer(), aCall({ key }), never)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("takes a key of 255 characters of any script", async () => {
    const call = aCall({ key: "钥".repeat(255) });
    const first = await idempotency.once(aViewer(), call, async (id) => id);
    expect(await idempotency.once(aViewer(), call, never)).toBe(first);
  });
});

describe("a call without an idempotency key", () => {
  it("is done every time, and leaves nothing behind", async () => {
    const { made, make } = aMaker();
    const before = await opened.look("SELECT FROM idempotency_key");
    await idempotency.once(aViewer(), aCall({ key: null }), make);
    await idempotency.once(aViewer(), aCall({ key: null }), make);
    expect(new Set(made).size).toBe(2);
    expect(await opened.look("SELECT FROM idempotency_key")).toHaveLength(before.length);
  });
});
