import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultNextcloudSwitches, type NextcloudSwitches } from "../../sandbox/nextcloud/switches.ts";
import { nextcloud } from "../../src/providers/calendar/nextcloud.ts";
import type { CalendarAccount, EventDraft } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { describeUnderFaults } from "../contract/under-faults.ts";
import { connectAccount, loopbackFetchFor } from "../support/account.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";
import { createNextcloudVendor, type NextcloudVendor } from "../support/nextcloud-vendor.ts";
import { rawOf } from "../support/other-program.ts";

describeCalendarProvider(nextcloud, createNextcloudVendor);
// A full account says 507 until somebody makes room.
describeUnderFaults(nextcloud, createNextcloudVendor, ["quota"]);

let vendor: NextcloudVendor;
let account: CalendarAccount;
beforeAll(async () => {
  vendor = await createNextcloudVendor();
  account = (await vendor.connect()).account;
});
beforeEach(() => {
  set(defaultNextcloudSwitches());
  vendor.sandbox.nextcloud.bruteForce.reset();
});
afterAll(() => vendor.stop());

function set(switches: Partial<NextcloudSwitches>): void {
  Object.assign(vendor.sandbox.nextcloud.switches, switches);
}

async function inNewCalendar() {
  const calendar = await vendor.createCalendar();
  const mirror = new CalendarMirror(nextcloud, account, calendar);
  const create = (changes?: Partial<EventDraft>) => nextcloud.createEvent(account, calendar, aDraft(changes));
  return { calendar, mirror, create };
}

/** Deletes the app password that an account was opened with. */
function revoke({ fetch, settings }: CalendarAccount): Promise<string | null> {
  const { auth } = nextcloud;
  if (auth.kind !== "credentials" || auth.revocation.kind !== "delete") throw new Error("It cannot be revoked");
  return auth.revocation.revoke({ fetch, settings });
}

describe("signing in", () => {
  it("is tried once, and says where an app password is made", async () => {
    const before = vendor.sandbox.requests.length;
    await expect(vendor.connectWrongly()).rejects.toMatchObject({
      code: "CREDENTIALS_REJECTED",
      remedy: expect.stringContaining("Devices & sessions"),
    });
    expect(vendor.sandbox.requests.length - before).toBe(1);
  });

  it.each(["", "/", "/index.php/apps/calendar/dayGridMonth/now", "/apps/files", "/login", "/remote.php/dav/"])(
    "finds the calendars of a server in a folder from whatever address of it people enter: %j",
    async (path) => {
      const serverUrl = `${vendor.sandbox.origin}/nextcloud${path}`;
      const { connected } = await connectAccount(nextcloud, { ...vendor.credentials, serverUrl });
      expect(connected.externalId).toBe(vendor.sandbox.nextcloud.principalUrl(vendor.email));
    },
  );

  it("finds a server in a folder from its host, where that knows the well-known address", async () => {
    const { sandbox, credentials } = vendor;
    const front = await serveOnLoopback(async ({ method, url, headers, body }, response) => {
      if (url === "/.well-known/caldav")
        return response.writeHead(301, { location: "/nextcloud/remote.php/dav/" }).end();
      const { authorization = "", depth = "0", "content-type": type = "" } = headers as Record<string, string>;
      const forwarded = { authorization, depth, "content-type": type };
      const reply = await fetch(`${sandbox.origin}${url}`, { method, headers: forwarded, body });
      const answered = { "content-type": reply.headers.get("content-type") ?? "" };
      return response.writeHead(reply.status, answered).end(await reply.text());
    });
    const { connected } = await connectAccount(nextcloud, { ...credentials, serverUrl: front.origin });
    expect(connected.externalId).toMatch(new RegExp(`^${front.origin}/nextcloud/remote.php/dav/principals/users/`));
  });

  it("goes by the user id that the server tells, whatever one signs in with", async () => {
    const { sandbox, credentials, email } = vendor;
    const byMail = await connectAccount(nextcloud, { ...credentials, username: email });
    expect(byMail.connected.externalId).toBe(account.settings["principalUrl"]);
    expect(byMail.connected.externalId).toContain("/users/user%207/");
    expect(sandbox.nextcloud.loginName(email)).not.toContain("user 7");
  });

  it.each(["/remote.php/dav/", "/.well-known/caldav"])(
    "takes the password to nobody else, wherever the server points: %s",
    async (place) => {
      const stranger = await serveOnLoopback((_, response) => void response.writeHead(207).end());
      const pointing = await serveOnLoopback(({ url }, response) => {
        if (url === place) response.writeHead(307, { location: `${stranger.origin}/` }).end();
        else response.writeHead(404).end();
      });
      const serverUrl = pointing.origin;
      await expect(connectAccount(nextcloud, { ...vendor.credentials, serverUrl })).rejects.toMatchObject({
        code: "EGRESS_REFUSED",
        message: expect.stringContaining(new URL(stranger.origin).host),
      });
      expect(stranger.requests).toEqual([]);
    },
  );
});

describe("a login at its own page", () => {
  const flow = () => {
    const { auth } = nextcloud;
    if (auth.kind !== "credentials" || !auth.loginFlow) throw new Error("It has no such page");
    return { open: loopbackFetchFor(nextcloud), ...auth.loginFlow };
  };
  const found = async () => {
    const { find, open } = flow();
    return find(vendor.credentials, open);
  };

  it("is asked for with a token, and gives once what one can sign in with", async () => {
    const { start, poll, open } = flow();
    const { loginUrl, ticket } = await start(await found(), open);
    expect(await poll(ticket, open)).toBeNull();
    vendor.sandbox.nextcloud.grantLogin(loginUrl, vendor.email);
    const granted = await poll(ticket, open);
    expect(await poll(ticket, open)).toBeNull();
    const { connected } = await connectAccount(nextcloud, granted ?? {});
    expect(connected.externalId).toBe(account.settings["principalUrl"]);
    expect(connected.displayName).toBe("ana.muster");
  });

  it("begins at the server of an account that is connected again", async () => {
    const { start, open } = flow();
    const { loginUrl } = await start(account.settings, open);
    expect(loginUrl).toMatch(`${vendor.sandbox.origin}/nextcloud/index.php/login/v2/flow/`);
  });

  it("gives back what nobody will use, and does so twice", async () => {
    const { discard, open } = flow();
    const granted = { ...vendor.credentials, password: vendor.sandbox.nextcloud.createAppPassword(vendor.email) };
    await discard({ ...granted, serverUrl: (await found())["serverUrl"] ?? "" }, open);
    await expect(connectAccount(nextcloud, granted)).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
    await discard({ ...granted, serverUrl: (await found())["serverUrl"] ?? "" }, open);
  });

  it.each(["login", "poll"] as const)("leads nobody, and no token, to another server: %s", async (elsewhere) => {
    const stranger = "https://stranger.example.test/nextcloud";
    const server = await serveOnLoopback(({ headers: { host } }, response) => {
      const own = `http://${host}/nextcloud`;
      const login = `${elsewhere === "login" ? stranger : own}/flow`;
      const endpoint = `${elsewhere === "poll" ? stranger : own}/poll`;
      response.end(JSON.stringify({ poll: { token: "secret-token", endpoint }, login }));
    });
    const { start, open } = flow();
    const failure = start({ serverUrl: `${server.origin}/nextcloud` }, open);
    await expect(failure).rejects.toMatchObject({
      code: "PROVIDER_REPLY_INVALID",
      message: expect.stringContaining("https://stranger.example.test"),
      retryable: false,
    });
    await expect(failure).rejects.not.toThrow("secret-token");
  });

  it("says what to set where the server does not take the address for its own", async () => {
    const server = await serveOnLoopback((_, response) =>
      response.writeHead(400).end(JSON.stringify({ error: "Trusted domain error.", code: 15 })),
    );
    const { find, open } = flow();
    await expect(find({ serverUrl: server.origin }, open)).rejects.toMatchObject({
      code: "PROVIDER_REFUSED",
      remedy: expect.stringContaining("trusted_domains"),
    });
  });

  it.each(["http://cloud.example.test", "http://127.0.0.1.example.test/nextcloud"])(
    "is not begun where everybody could listen: %s",
    async (serverUrl) => {
      const { find, open } = flow();
      await expect(find({ serverUrl }, open)).rejects.toMatchObject({ code: "INVALID_INPUT", field: ["serverUrl"] });
    },
  );
});

describe("an app password", () => {
  const withPassword = (password: string) => connectAccount(nextcloud, { ...vendor.credentials, password });

  it("is deleted at the server, and once more is no error", async () => {
    const twin = vendor.sandbox.nextcloud;
    const password = twin.createAppPassword(vendor.email);
    const { account: opened } = await withPassword(password);
    expect(await revoke(opened)).toBeNull();
    await expect(withPassword(password)).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
    expect(await revoke(opened)).toBeNull();
  });

  it("is told from the account's own password, which stays valid", async () => {
    const { account: opened } = await withPassword("password of user 7");
    expect(await revoke(opened)).toContain("stays valid");
    await expect(withPassword("password of user 7")).resolves.toBeDefined();
  });

  it.each(["html", "down"] as const)("is not taken for deleted when something else answers: %s", async (fault) => {
    const { account: opened } = await withPassword(vendor.sandbox.nextcloud.createAppPassword(vendor.email));
    vendor.sandbox.nextcloud.fail(fault, { times: 1, on: "token" });
    await expect(revoke(opened)).rejects.toMatchObject({ code: expect.stringMatching(/^PROVIDER_/) });
  });
});

describe("its calendars", () => {
  const listed = async () => new Map((await nextcloud.listCalendars(account)).map((one) => [one.name, one]));

  it("have the one that every account comes with for the primary one", async () => {
    vendor.sandbox.nextcloud.createCalendar(vendor.email, { name: "all-the-rest", displayName: "All the rest" });
    const calendars = await listed();
    expect(calendars.get("Personal")?.primary).toBe(true);
    expect(calendars.get("All the rest")).toMatchObject({ writable: true, primary: false });
  });

  it("are read-only where they are birthdays or somebody else's, and subscriptions are none", async () => {
    const twin = vendor.sandbox.nextcloud;
    const shared = { name: "team_shared_by_bo", displayName: "Team (Bo)" };
    twin.createCalendar(vendor.email, { ...shared, access: "read" });
    twin.createCalendar(vendor.email, { name: "holidays", displayName: "Holidays", isSubscribed: true });
    const calendars = await listed();
    expect(calendars.get("Contact birthdays")).toMatchObject({ writable: false });
    expect(calendars.get("Team (Bo)")).toMatchObject({ writable: false, primary: false });
    expect(calendars.has("Holidays")).toBe(false);
  });

  it("are gone when they lie in the trash bin, though they still answer at their address", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    await create();
    await mirror.read();
    const deleted = await account.fetch(calendar, { method: "DELETE" });
    expect(deleted.status).toBe(204);
    expect((await nextcloud.listCalendars(account)).map(({ externalId }) => externalId)).not.toContain(calendar);
    await expect(mirror.read()).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(mirror.titles()).toEqual(["Interview"]);
  });
});

describe("its trash bin", () => {
  it.each(["error", "bad-request"] as const)(
    "keeps the UID of what was deleted, which is said and not tried for ever: %s",
    async (trashedUid) => {
      const { calendar } = await inNewCalendar();
      set({ trashedUid });
      const draft = aDraft();
      const made = await nextcloud.createEvent(account, calendar, draft);
      await nextcloud.deleteEvent(account, calendar, targetOf(made));
      await expect(nextcloud.createEvent(account, calendar, draft)).rejects.toMatchObject({
        code: "DUPLICATE",
        retryable: false,
        remedy: expect.stringContaining("trash bin"),
      });
      const again = await nextcloud.createEvent(account, calendar, aDraft());
      expect(again.externalId).not.toBe(made.externalId);
    },
  );

  it.each(["error", "bad-request", "fine"] as const)(
    "does not keep a series from being split that could not be split at first: %s",
    async (trashedUid) => {
      const { calendar, mirror, create } = await inNewCalendar();
      set({ trashedUid });
      const series = await create({ recurrence: ["RRULE:FREQ=DAILY;COUNT=4"] });
      const third = targetOf(series, berlin("2026-12-03T10:00:00"), "THIS_AND_FOLLOWING");
      await vendor.asAnotherClient.decorate(calendar, series.externalId);
      const first = nextcloud.updateEvent(account, calendar, third, { title: "Later" });
      await expect(first).rejects.toMatchObject({ code: "CONFLICT" });

      const current = await nextcloud.readObject(account, calendar, series.externalId);
      const merged = { ...third, object: current ?? series };
      const { created } = await nextcloud.updateEvent(account, calendar, merged, { title: "Later" });
      // Its answer got lost, and it is sent once more.
      const repeated = await nextcloud.updateEvent(account, calendar, merged, { title: "Later" });
      expect(repeated.created?.externalId).toBe(created?.externalId);
      await mirror.read();
      expect(mirror.titles()).toEqual(["Interview", "Later"]);
      expect(vendor.titles(calendar).toSorted()).toEqual(["Interview", "Later"]);
    },
  );
});

describe("its log of changes", () => {
  it("says that an address is gone which was used again; the event there arrives all the same", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    const known = await create({ title: "First" });
    await mirror.read();
    const other = aDraft({ title: "Never seen" });
    await vendor.asAnotherClient.create(calendar, other);
    for (const externalId of [known.externalId, `${other.creationId}.ics`]) {
      await vendor.asAnotherClient.remove(calendar, externalId);
      const title = externalId === known.externalId ? "Second" : "Seen at last";
      vendor.sandbox.nextcloud.client.put(vendor.email, calendar, externalId, rawOf(aDraft({ title })));
    }
    const { mode } = await mirror.read();
    expect(mode).toBe("INCREMENTAL");
    expect(mirror.titles()).toEqual(["Second", "Seen at last"]);
  });

  it("forgets deletions without a word; the nightly comparison finds them", async () => {
    const { calendar, mirror, create } = await inNewCalendar();
    const goes = await create({ title: "Goes" });
    await create({ title: "Stays" });
    await mirror.read();
    await vendor.asAnotherClient.remove(calendar, goes.externalId);
    vendor.sandbox.nextcloud.pruneChanges(vendor.email);
    await create({ title: "New" });
    await mirror.read();
    expect(mirror.titles()).toEqual(["Goes", "New", "Stays"]);
    mirror.cursor = null;
    await mirror.read();
    expect(mirror.titles()).toEqual(["New", "Stays"]);
  });

  it("is asked for without a limit, beyond which it would lose what there is", async () => {
    const { mirror, create } = await inNewCalendar();
    await create();
    await mirror.read();
    for (let made = 0; made < 3; made += 1) await create({ title: `More ${made}` });
    const before = vendor.sandbox.requests.length;
    await mirror.read();
    const bodies = vendor.sandbox.requests.slice(before).map(({ body }) => body);
    expect(bodies.join("\n")).toContain("sync-collection");
    expect(bodies.join("\n")).not.toContain("limit");
    expect(mirror.titles()).toHaveLength(4);
  });
});

describe("what it takes", () => {
  it("has no METHOD, whatever another program left there", async () => {
    const { calendar } = await inNewCalendar();
    const draft = aDraft();
    const raw = rawOf(draft).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST");
    const name = `${draft.creationId}.ics`;
    vendor.sandbox.nextcloud.client.put(vendor.email, calendar, name, raw);
    const path = `${new URL(calendar).pathname}${name}`;
    const stored = await nextcloud.readObject(account, calendar, path);
    if (stored === null) throw new Error("It is not there");
    const { object } = await nextcloud.updateEvent(account, calendar, targetOf(stored), { title: "Ours" });
    expect(object?.events[0]?.title).toBe("Ours");
  });

  it("is read back where the server wrote a delivery status into it, and gives no version", async () => {
    const { calendar, create } = await inNewCalendar();
    const made = await create({
      attendees: [{ email: "cy@example.test", name: null, optional: false, response: "NEEDS_ACTION" }],
    });
    expect(made.etag).not.toBeNull();
    expect(made.raw).toContain("SCHEDULE-STATUS");
    await vendor.asAnotherClient.retitle(calendar, made.externalId, "Theirs");
    const update = nextcloud.updateEvent(account, calendar, targetOf(made), { title: "Ours" });
    await expect(update).rejects.toMatchObject({ code: "CONFLICT" });
  });
});
