import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { basic, davClient, eventsBetween, files, names } from "../../sandbox/caldav/dav-client.ts";
import { defaultNextcloudSwitches, type NextcloudSwitches } from "../../sandbox/nextcloud/switches.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { ics, vevent } from "../support/caldav-client.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

let accounts = 0;
const base = () => `${sandbox.origin}/nextcloud`;

/** An account of its own for each test, and a server that nobody has annoyed. */
function someone(switches: Partial<NextcloudSwitches> = {}) {
  const twin = sandbox.nextcloud;
  Object.assign(twin.switches, defaultNextcloudSwitches(), switches);
  twin.bruteForce.reset();
  accounts += 1;
  const email = `ana${accounts}@example.test`;
  const uid = `user ${accounts}`;
  twin.createAccount({ email, uid, name: "Ana Muster", password: "the account's own" });
  const authorization = basic(uid, twin.createAppPassword(email));
  const [personal = "", birthdays = ""] = twin.client.calendarUrls(email);
  const path = new URL(personal).pathname;
  return { twin, email, uid, authorization, personal, birthdays, path, ...davClient(`${base()}/`, authorization) };
}

const hour = ["DTSTART:20261201T100000Z", "DTEND:20261201T110000Z"];
const anEvent = (uid: string, ...lines: readonly string[]) => ics(vevent(uid, ...hour, ...lines));

async function startLogin(
  userAgent = "Recruiting",
): Promise<{ poll: { token: string; endpoint: string }; login: string }> {
  const reply = await fetch(`${base()}/index.php/login/v2`, { method: "POST", headers: { "user-agent": userAgent } });
  expect(reply.status).toBe(200);
  return reply.json();
}

async function poll({ poll: { endpoint, token } }: Awaited<ReturnType<typeof startLogin>>) {
  const reply = await fetch(endpoint, { method: "POST", body: new URLSearchParams({ token }) });
  return { status: reply.status, body: await reply.json() };
}

describe("Login Flow v2", () => {
  it("gives an app password once, after a person granted it in the browser", async () => {
    const { email, uid } = someone();
    const started = await startLogin();
    expect(started.poll.token).toMatch(/^\w{128}$/);
    expect(started.poll.endpoint).toBe(`${base()}/index.php/login/v2/poll`);
    expect(started.login).toMatch(new RegExp(`^${base()}/index.php/login/v2/flow/\\w{128}$`));
    expect(await poll(started)).toEqual({ status: 404, body: [] });

    const page = await (await fetch(started.login)).text();
    expect(page).toContain("grant Recruiting access");
    expect(page).toContain(`value="${email}"`);
    const granted = await fetch(started.login, { method: "POST", body: new URLSearchParams({ account: email }) });
    expect(await granted.text()).toContain("Account connected");

    const { status, body } = await poll(started);
    expect([status, body]).toEqual([
      200,
      { server: base(), loginName: uid, appPassword: expect.stringMatching(/^\w{72}$/) },
    ]);
    expect(await poll(started)).toEqual({ status: 404, body: [] });
    const { propfind } = davClient(`${base()}/`, basic(body.loginName, body.appPassword));
    expect((await propfind("remote.php/dav/", ["current-user-principal"])).status).toBe(207);
  });

  it("is over after twenty minutes, for the browser and for whoever polls", async () => {
    const { twin, email } = someone();
    const [late, granted] = [await startLogin(), await startLogin()];
    twin.grantLogin(granted.login, email);
    sandbox.clock.advance(1_200_001);
    expect((await fetch(late.login)).status).toBe(403);
    expect(() => twin.grantLogin(late.login, email)).toThrow("over");
    expect((await poll(granted)).status).toBe(404);
  });

  it("can be kept from clients that an administrator does not know, and can name another server", async () => {
    const { twin, email } = someone({ allowedUserAgents: ["^Known"], serverSaid: "https://cloud.example.test" });
    const refused = await fetch(`${base()}/index.php/login/v2`, { method: "POST", headers: { "user-agent": "Other" } });
    expect(refused.status).toBe(403);
    const started = await startLogin("Known/1");
    twin.grantLogin(started.login, email);
    expect((await poll(started)).body.server).toBe("https://cloud.example.test");
  });
});

describe("an app password of Nextcloud", () => {
  const ocs = (authorization: string, path: string, method = "GET", headers = { "ocs-apirequest": "true" }) =>
    fetch(`${base()}/ocs/v2.php${path}?format=json`, { method, headers: { authorization, ...headers } });

  it("is revoked by whoever has it", async () => {
    const { authorization, propfind } = someone();
    const unchecked = await ocs(authorization, "/core/apppassword", "DELETE", { "ocs-apirequest": "" });
    expect([unchecked.status, (await unchecked.json()).ocs.meta.message]).toEqual([412, "CSRF check failed"]);
    const revoked = await ocs(authorization, "/core/apppassword", "DELETE");
    expect(await revoked.json()).toMatchObject({ ocs: { meta: { status: "ok", statuscode: 200 } } });
    expect((await propfind("remote.php/dav/", ["current-user-principal"])).status).toBe(401);
    expect((await ocs(authorization, "/core/apppassword", "DELETE")).status).toBe(401);
  });

  it("is not the account's own password, which makes one and cannot be revoked so", async () => {
    const { uid } = someone();
    const own = basic(uid, "the account's own");
    const refused = await ocs(own, "/core/apppassword", "DELETE");
    expect([refused.status, (await refused.json()).ocs.meta.message]).toEqual([403, "no app password in use"]);
    const made = (await (await ocs(own, "/core/getapppassword")).json()).ocs.data.apppassword;
    expect((await ocs(basic(uid, made), "/core/apppassword", "DELETE")).status).toBe(200);
  });

  it("says whose it is, by a user id that is not the mail address; XML is what nobody asked for", async () => {
    const { authorization, uid, email } = someone();
    const { data } = (await (await ocs(authorization, "/cloud/user")).json()).ocs;
    expect(data).toMatchObject({ id: uid, email, displayname: "Ana Muster" });
    const headers = { authorization, "ocs-apirequest": "true" };
    const xml = await (await fetch(`${base()}/ocs/v2.php/cloud/user`, { headers })).text();
    expect(xml).toContain(`<id>${uid}</id>`);
  });
});

describe("too many bad logins at a Nextcloud", () => {
  it("shut the host for everybody, with right passwords too, for half an hour", async () => {
    const { uid, propfind } = someone();
    const other = someone();
    const wrong = davClient(`${base()}/`, basic(uid, "wrong"));
    const root = (client: Pick<typeof wrong, "propfind">) => client.propfind("remote.php/dav/", ["displayname"]);
    for (let tried = 1; tried <= 11; tried += 1) expect((await root(wrong)).status).toBe(401);
    expect((await root(wrong)).status).toBe(429);
    const shut = await root(other);
    expect([shut.status, shut.text]).toEqual([429, expect.stringContaining("TooManyRequests")]);
    sandbox.clock.advance(31 * 60_000);
    expect((await root(other)).status).toBe(207);
    // Those of another user are not forgiven by it.
    expect(other.twin.bruteForce.delayMs).toBeGreaterThan(0);
    expect((await root({ propfind })).status).toBe(207);
    expect(other.twin.bruteForce.delayMs).toBe(0);
  });

  it("are not those without any login", async () => {
    someone();
    const stranger = davClient(`${base()}/`, null);
    for (let tried = 1; tried <= 12; tried += 1) {
      const refused = await stranger.propfind("remote.php/dav/", ["displayname"]);
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, expect.stringMatching(/^Basic/)]);
    }
  });
});

describe("Nextcloud's calendars", () => {
  it("are found by the user id, which may have a space", async () => {
    const { uid, propfind } = someone();
    const [root] = (await propfind("remote.php/dav", ["current-user-principal"])).rows;
    const principal = root?.found["current-user-principal"]?.children[0]?.text ?? "";
    expect(principal).toBe(`/nextcloud/remote.php/dav/principals/users/${encodeURIComponent(uid)}/`);
    const [row] = (await propfind(principal, ["c:calendar-home-set"])).rows;
    const home = row?.found["calendar-home-set"]?.children[0]?.text ?? "";
    const { rows } = await propfind(home, ["resourcetype"], "1");
    expect(rows.map(({ href, found }) => [href.slice(home.length), names(found["resourcetype"]).at(-1)])).toEqual([
      ["", "collection"],
      ["personal/", "calendar"],
      ["contact_birthdays/", "calendar"],
      ["inbox/", "schedule-inbox"],
      ["outbox/", "schedule-outbox"],
      ["trashbin/", "trash-bin"],
    ]);
  });

  it("have no well-known address at the host, since the server is in a folder", async () => {
    const { send } = someone();
    expect((await send("PROPFIND", "/.well-known/caldav", "", { depth: "0" })).status).toBe(404);
    const below = await send("PROPFIND", ".well-known/caldav", "", { depth: "0" });
    expect(below.headers.get("location")).toBe(`${base()}/remote.php/dav/`);
  });

  it("let birthdays be renamed and nothing else", async () => {
    const { birthdays, propfind, put } = someone();
    const [row] = (await propfind(birthdays, ["current-user-privilege-set"])).rows;
    const privileges = row?.found["current-user-privilege-set"]?.children.flatMap(names);
    expect(privileges).toEqual(["read", "write-properties", "read-free-busy"]);
    expect((await put(`${birthdays}a.ics`, anEvent("a"))).status).toBe(403);
  });

  it("refuse in sabre/dav's words", async () => {
    const { personal, put, query } = someone();
    expect((await put(`${personal}a.ics`, anEvent("a"))).status).toBe(201);
    const twice = await put(`${personal}b.ics`, anEvent("a"));
    expect([twice.status, twice.text]).toEqual([
      400,
      expect.stringContaining("<s:exception>Sabre\\DAV\\Exception\\BadRequest<"),
    ]);
    expect((await put(`${personal}c.ics`, "broken")).status).toBe(415);
    const withMethod = anEvent("m").replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST");
    expect((await put(`${personal}c.ics`, withMethod)).status).toBe(415);
    const task = await put(`${personal}c.ics`, anEvent("t").replaceAll("VEVENT", "VTODO"));
    expect(task).toMatchObject({ status: 403, condition: "supported-calendar-component" });
    expect((await query(personal, '<c:comp-filter name="VEVENT"/>', {})).status).toBe(400);
  });

  it("say nothing of what a multiget does not find, and 412 to a second conditional DELETE", async () => {
    const { personal, path, put, send, multiget } = someone();
    const etag = (await put(`${personal}a.ics`, anEvent("a"))).headers.get("etag") ?? "";
    expect(files(await multiget(personal, [`${path}a.ics`, `${path}none.ics`]))).toEqual(["a.ics"]);
    const conditional = { "if-match": etag };
    expect((await send("DELETE", `${personal}a.ics`, undefined, conditional)).status).toBe(204);
    expect((await send("DELETE", `${personal}a.ics`, undefined, conditional)).status).toBe(412);
    expect((await send("DELETE", `${personal}a.ics`)).status).toBe(404);
  });

  it("give no ETag where they schedule, and say that nothing could be delivered without a mail server", async () => {
    const { twin, email, personal, put, send } = someone();
    const organized = (agent: string) =>
      anEvent(`with${agent}`, `ORGANIZER:mailto:${email}`, `ATTENDEE${agent}:mailto:cy@example.test`);
    expect((await put(`${personal}a.ics`, organized(""))).headers.get("etag")).toBeNull();
    expect((await send("GET", `${personal}a.ics`)).text).toContain("SCHEDULE-STATUS=5.0");
    expect((await put(`${personal}b.ics`, organized(";SCHEDULE-AGENT=NONE"))).headers.get("etag")).toBeNull();
    expect((await put(`${personal}c.ics`, organized(";SCHEDULE-AGENT=CLIENT"))).headers.get("etag")).not.toBeNull();
    expect(twin.sentMessages().filter(({ from }) => from === email)).toEqual([]);
    twin.switches.mailIsSetUp = true;
    await put(`${personal}a.ics`, organized(""));
    expect(twin.sentMessages().filter(({ from }) => from === email)).toMatchObject([{ method: "REQUEST" }]);
  });

  it("are thirty at most, and ten new ones an hour", async () => {
    const { send, personal, twin } = someone();
    const make = async (name: string) => (await send("MKCALENDAR", new URL(`../${name}/`, personal).href)).status;
    for (let made = 0; made < 10; made += 1) expect(await make(`c${made}`)).toBe(201);
    expect(await make("more")).toBe(429);
    twin.switches.newCalendarsPerHour = null;
    for (let made = 10; made < 28; made += 1) expect(await make(`c${made}`)).toBe(201);
    expect(await make("more")).toBe(403);
  });
});

describe("Nextcloud's trash bin", () => {
  it.each([
    { trashedUid: "error", status: 500 },
    { trashedUid: "bad-request", status: 400 },
    { trashedUid: "fine", status: 201 },
  ] as const)("keeps a UID from being made again: $trashedUid", async ({ trashedUid, status }) => {
    const { personal, put, send, propfind } = someone({ trashedUid });
    await put(`${personal}a.ics`, anEvent("a"));
    await send("DELETE", `${personal}a.ics`);
    const { rows } = await propfind(new URL("../trashbin/objects/", personal).href, ["getetag"], "1");
    expect(rows.at(-1)?.href).toMatch(/\/trashbin\/objects\/a-deleted\.ics$/);
    expect((await put(`${personal}a.ics`, anEvent("a"))).status).toBe(status);
    expect((await put(`${personal}b.ics`, anEvent("b"))).status).toBe(201);
  });

  it("can refuse a second object of a name that lies there", async () => {
    const { personal, put, send } = someone({ trashedNameBlocksDelete: true });
    for (const [uid, status] of [
      ["a", 204],
      ["b", 403],
    ] as const) {
      await put(`${personal}a.ics`, anEvent(uid));
      expect((await send("DELETE", `${personal}a.ics`)).status).toBe(status);
    }
  });

  it("is emptied after thirty days, or by a person", async () => {
    const { twin, email, personal, put, send } = someone();
    const again = async () => {
      await send("DELETE", `${personal}a.ics`);
      expect((await put(`${personal}a.ics`, anEvent("a"))).status).toBe(500);
    };
    await put(`${personal}a.ics`, anEvent("a"));
    await again();
    sandbox.clock.advance(31 * 24 * 60 * 60_000);
    expect((await put(`${personal}a.ics`, anEvent("a"))).status).toBe(201);
    await again();
    twin.emptyTrash(email);
    expect((await put(`${personal}a.ics`, anEvent("a"))).status).toBe(201);
  });

  it("shows deleted calendars as such in the home, where they still answer, unless they are deleted for good", async () => {
    const { twin, email, send, sync, propfind } = someone();
    const [first, second] = [twin.createCalendar(email, { name: "one" }), twin.createCalendar(email, { name: "two" })];
    const { syncToken } = await sync(first, null);
    expect((await send("DELETE", first)).status).toBe(204);
    expect((await send("DELETE", second, undefined, { "x-nc-caldav-no-trashbin": "1" })).status).toBe(204);
    const { rows } = await propfind(new URL("../", first).href, ["resourcetype"], "1");
    const kinds = rows.map(({ href, found }) => [href.split("/").at(-2), names(found["resourcetype"]).at(-1)]);
    expect(kinds).toContainEqual(["one", "deleted-calendar"]);
    expect(kinds.map(([name]) => name)).not.toContain("two");
    expect((await sync(first, syncToken)).status).toBe(207);
    expect((await sync(second, syncToken)).status).toBe(404);
  });
});

describe("a sync token of Nextcloud", () => {
  it("is a number that is the ctag too; any number is taken, and no other text", async () => {
    const { personal, propfind, sync } = someone();
    const [row] = (await propfind(personal, ["sync-token", "cs:getctag"])).rows;
    const token = row?.found["sync-token"]?.text ?? "";
    expect(token).toMatch(/^http:\/\/sabre\.io\/ns\/sync\/\d+$/);
    expect(row?.found["getctag"]?.text).toBe(token);
    expect(await sync(personal, "http://sabre.io/ns/sync/999999")).toMatchObject({ status: 207, rows: [] });
    const refused = await sync(personal, "made-up");
    expect(refused).toMatchObject({ status: 403, condition: "valid-sync-token" });
    expect(refused.text).toContain("Sabre\\DAV\\Exception\\InvalidSyncToken");
  });

  it("tells of an address that was used again that it is gone, though an event is there", async () => {
    const { twin, personal, path, put, send, sync } = someone();
    await put(`${personal}a.ics`, anEvent("a"));
    const { syncToken } = await sync(personal, null);
    await send("DELETE", `${personal}a.ics`);
    expect((await put(`${personal}a.ics`, anEvent("new"))).status).toBe(201);
    expect((await sync(personal, syncToken)).rows).toMatchObject([{ href: `${path}a.ics`, status: 404 }]);
    twin.switches.reusedHrefs = "latest";
    expect((await sync(personal, syncToken)).rows).toMatchObject([{ href: `${path}a.ics`, status: null }]);
  });

  it("from before the log was cut is answered with too little, and no error", async () => {
    const { twin, email, personal, put, send, sync } = someone();
    await put(`${personal}a.ics`, anEvent("a"));
    const { syncToken } = await sync(personal, null);
    await send("DELETE", `${personal}a.ics`);
    twin.pruneChanges(email);
    await put(`${personal}b.ics`, anEvent("b"));
    const { status, rows } = await sync(personal, syncToken);
    expect([status, rows.map(({ href }) => href.split("/").at(-1))]).toEqual([207, ["b.ics"]]);
    expect(files(await sync(personal, null))).toEqual(["b.ics"]);
  });

  it("cannot be had in parts: a first reading with a limit fails, and a later one loses the rest", async () => {
    const { personal, put, sync } = someone();
    const { syncToken } = await sync(personal, null);
    for (const uid of ["a", "b", "c"]) await put(`${personal}${uid}.ics`, anEvent(uid));
    expect((await sync(personal, null, { limit: 2 })).status).toBe(507);
    const cut = await sync(personal, syncToken, { limit: 2 });
    expect(files(cut)).toEqual(["a.ics", "b.ics"]);
    expect((await sync(personal, cut.syncToken)).rows).toEqual([]);
  });

  it("can be made to be refused, for whoever needs that", async () => {
    const { twin, email, personal, sync } = someone();
    const { syncToken } = await sync(personal, null);
    twin.expireSyncTokens(email);
    expect((await sync(personal, syncToken)).condition).toBe("valid-sync-token");
    const fresh = (await sync(personal, null)).syncToken;
    expect((await sync(personal, fresh)).status).toBe(207);
  });
});

describe("Nextcloud's stand-in", () => {
  it("words failures as Nextcloud does", async () => {
    const { twin, personal, propfind, query } = someone();
    twin.fail("down", { times: 1 });
    const down = await propfind(personal, ["getctag"]);
    expect([down.status, down.headers.get("x-nextcloud-maintenance-mode")]).toEqual([503, "1"]);
    twin.fail("rate-limited-with-retry-after", { times: 1 });
    const december = eventsBetween("20261201T000000Z", "20270101T000000Z");
    const limited = await query(personal, december);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
  });

  it("goes on where it was, with passwords and logins that wait", async () => {
    const { twin, email, personal, propfind } = someone();
    const started = await startLogin();
    const kept = structuredClone(twin.state.save());
    twin.client.dropCalendar(email, personal);
    twin.state.load(kept);
    expect((await propfind(personal, ["getctag"])).status).toBe(207);
    twin.grantLogin(started.login, email);
    expect((await poll(started)).status).toBe(200);
  });
});
