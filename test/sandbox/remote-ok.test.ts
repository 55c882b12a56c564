import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

const dayMs = 86_400_000;
const words = {
  company: "Muster Bridges",
  position: "Service engineer",
  tags: "CAD, Welding",
  location: "Worldwide",
  salary: "52000 to 61,000 USD a year",
  description: "<p>You mend bridges.</p>",
  applyUrl: "https://careers.example.test/1",
};

async function aRemoteOk() {
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(() => sandbox.stop());
  const origin = `${sandbox.origin}/remote-ok`;
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { "user-agent": "tests of a sandbox", ...init.headers };
    const reply = await fetch(`${origin}${path}`, { ...init, headers });
    return { status: reply.status, text: await reply.text() };
  };
  const list = async (): Promise<Json[]> => JSON.parse((await call("/api")).text);
  const submit = (path: string, form: Readonly<Record<string, string>>) =>
    call(path, { method: "POST", body: new URLSearchParams(form) });
  const command = async (
    name: string,
    words: object = {},
  ): Promise<{ readonly status: number; readonly result: Json }> => {
    const path = `${sandbox.origin}/_control/remote-ok/${name}`;
    const reply = await fetch(path, { method: "POST", body: JSON.stringify(words) });
    return { status: reply.status, result: reply.ok ? (await reply.json()).result : await reply.text() };
  };
  return { sandbox, twin: sandbox.remoteOk, origin, call, list, submit, command };
}

const tick = /<input type="checkbox" name="autoRenew"( checked)?>/;
const isTicked = (form: string) => tick.exec(form)?.[1] !== undefined;
const editPathIn = (text: string) => /\/edit\/\w+/.exec(text)?.[0] ?? "";

describe("Remote OK's public list", () => {
  it("begins with a notice, and has the posts, the newest first", async () => {
    const { twin, list, origin } = await aRemoteOk();
    twin.post(words);
    twin.post({ ...words, position: "Welder" });
    const [notice, ...items] = await list();
    expect(notice.legal).toContain("links back");
    expect(items.map(({ position }) => position)).toEqual(["Welder", "Service engineer"]);
    expect(items[1]).toMatchObject({
      slug: "1000001-service-engineer-at-muster-bridges",
      id: "1000001",
      company: "Muster Bridges",
      tags: ["cad", "welding"],
      location: "Worldwide",
      salary_min: 52_000,
      salary_max: 61_000,
      apply_url: "https://careers.example.test/1",
      url: `${origin}/remote-jobs/1000001-service-engineer-at-muster-bridges`,
    });
  });

  it("says of each post what is commonly seen there, and nothing else", async () => {
    const { twin, list } = await aRemoteOk();
    twin.post({ ...words, companyLogo: "https://muster.example.test/logo.png" });
    const item = (await list())[1];
    expect(Object.keys(item).join(" ")).toBe(
      "slug id epoch date company company_logo position tags description location salary_min salary_max apply_url url",
    );
    expect(item).toMatchObject({
      company_logo: "https://muster.example.test/logo.png",
      description: "<p>You mend bridges.</p>",
    });
    expect(new Date(item.epoch * 1000).toISOString().slice(0, 19)).toBe(item.date.slice(0, 19));
  });

  it("has the newest 100, where it is told nothing", async () => {
    const { twin, list } = await aRemoteOk();
    for (let count = 0; count < 101; count++) twin.post(words);
    const [, ...items] = await list();
    expect([items.length, items[0].id, items[99].id]).toEqual([100, "1000101", "1000002"]);
  });

  it("has addresses for applying that lead on to the company's, where they are Remote OK's", async () => {
    const { twin, list } = await aRemoteOk();
    twin.switches.applyUrls = "redirect";
    twin.post({ ...words, applyUrl: "https://careers.example.test/ä?job=1" });
    const reply = await fetch((await list())[1].apply_url, { redirect: "manual" });
    expect(reply.status).toBe(302);
    expect(reply.headers.get("location")).toBe("https://careers.example.test/%C3%A4?job=1");
  });

  it("leads to the post where candidates apply by mail", async () => {
    const { twin, list } = await aRemoteOk();
    twin.post({ ...words, applyUrl: "", applyEmail: "jobs@example.test" });
    const reply = await fetch((await list())[1].apply_url);
    expect(await reply.text()).toContain('href="mailto:jobs@example.test"');
  });

  it("is kept from programs that do not say who they are, and cannot be written", async () => {
    const { call } = await aRemoteOk();
    expect((await call("/api", { headers: { "user-agent": "node" } })).status).toBe(403);
    expect((await call("/api", { method: "POST" })).status).toBe(405);
  });

  it("has the newest alone, relative addresses, or its own ones for applying, where it is told so", async () => {
    const { twin, list } = await aRemoteOk();
    Object.assign(twin.switches, { listLength: 1, applyUrls: "redirect", urls: "relative", ids: "numbers" });
    twin.post(words);
    twin.post({ ...words, position: "Welder" });
    const [, ...items] = await list();
    expect(items).toMatchObject([{ position: "Welder", id: 1_000_002, apply_url: "/remote-ok/l/1000002" }]);
  });

  it("has no post that is closed, or whose days are over", async () => {
    const { twin, list, sandbox } = await aRemoteOk();
    const closed = twin.post(words);
    twin.post({ ...words, position: "Welder" }, false);
    twin.close(closed.id);
    expect(await list()).toHaveLength(2);
    sandbox.clock.advance(31 * dayMs);
    expect(await list()).toHaveLength(1);
  });
});

describe("a post at Remote OK", () => {
  it("is paid for in the form, edited by the link of the mail, and closed there", async () => {
    const { call, submit, list, origin } = await aRemoteOk();
    expect((await call("/hire-remotely")).text).toContain("Annual salary or compensation");
    expect((await submit("/hire-remotely", { ...words, applyUrl: "" })).status).toBe(422);
    const { status, text } = await submit("/hire-remotely", { ...words, autoRenew: "on" });
    expect(status).toBe(201);
    const editPath = editPathIn(text);
    expect(text).toContain(`${origin}/remote-jobs/1000001-service-engineer-at-muster-bridges`);
    expect((await call(editPath)).text).toContain('value="Service engineer"');
    await submit(editPath, { ...words, position: "Welder" });
    expect((await list())[1]).toMatchObject({ position: "Welder" });
    await submit(editPath, { close: "yes" });
    expect(await list()).toHaveLength(1);
    expect((await call("/remote-jobs/1000001")).status).toBe(404);
  });

  it("is paid for again every 30 days, until it is closed or not renewed", async () => {
    const { twin, sandbox } = await aRemoteOk();
    const [renewed, once] = [twin.post(words), twin.post(words, false)];
    sandbox.clock.advance(65 * dayMs);
    const chargesOf = (id: number) => twin.charges().filter(({ postId }) => postId === id);
    expect([chargesOf(renewed.id), chargesOf(once.id)].map(({ length }) => length)).toEqual([3, 1]);
    twin.close(renewed.id);
    sandbox.clock.advance(65 * dayMs);
    expect(chargesOf(renewed.id)).toHaveLength(3);
  });

  it("shows what was entered as text, and leads to where one applies", async () => {
    const { twin, call } = await aRemoteOk();
    twin.post({ ...words, company: "<b>Muster</b>" });
    const { text } = await call("/remote-jobs/1000001");
    expect(text).toContain("&#60;b&#62;Muster");
    expect(text).toContain('href="https://careers.example.test/1"');
  });

  it("is edited with what was entered as text, right or wrong", async () => {
    const { submit, call } = await aRemoteOk();
    const hostile = { ...words, company: '"><b>Muster', description: "</textarea><b>Muster" };
    const editPath = editPathIn((await submit("/hire-remotely", hostile)).text);
    const wrong = await submit("/hire-remotely", { ...hostile, position: "" });
    for (const { text } of [await call(editPath), wrong, await call("/jobs")]) {
      expect(text).toContain("&#60;b&#62;Muster");
      expect(text).not.toContain("<b>Muster");
    }
  });

  it("costs at each renewal what it cost at first", async () => {
    const { twin, sandbox } = await aRemoteOk();
    twin.post(words);
    twin.switches.price = 499;
    sandbox.clock.advance(31 * dayMs);
    expect(twin.charges().map(({ amount }) => amount)).toEqual([299, 299]);
  });

  it("is not paid for again once the tick was taken away, whatever else is edited later", async () => {
    const { submit, call, twin, sandbox } = await aRemoteOk();
    const editPath = editPathIn((await submit("/hire-remotely", { ...words, autoRenew: "on" })).text);
    expect(isTicked((await call(editPath)).text)).toBe(true);
    await submit(editPath, words);
    expect(isTicked((await call(editPath)).text)).toBe(false);
    sandbox.clock.advance(65 * dayMs);
    expect(twin.charges()).toHaveLength(1);
  });

  it("keeps the tick as it was entered when something else is wrong", async () => {
    const { submit } = await aRemoteOk();
    expect(isTicked((await submit("/hire-remotely", { ...words, company: "" })).text)).toBe(false);
    expect(isTicked((await submit("/hire-remotely", { ...words, company: "", autoRenew: "on" })).text)).toBe(true);
  });

  it("does not come back, and is not charged for days gone by, when the tick is set after its days", async () => {
    const { twin, submit, list, sandbox } = await aRemoteOk();
    const editPath = editPathIn(twin.post(words, false).editUrl);
    sandbox.clock.advance(65 * dayMs);
    await submit(editPath, { ...words, autoRenew: "on" });
    expect(await list()).toHaveLength(1);
    expect(twin.charges()).toHaveLength(1);
  });

  it("is edited by nobody who does not have its address", async () => {
    const { twin, call } = await aRemoteOk();
    const [one, other] = [twin.post(words), twin.post(words)];
    expect(one.editUrl).toMatch(/\/edit\/[\da-f]{32}$/);
    expect(one.editUrl).not.toBe(other.editUrl);
    expect((await call("/edit/1000001")).status).toBe(404);
    expect((await call("/remote-jobs/1000001")).text).not.toContain("/edit/");
  });

  it.each(["javascript:alert(1)", "data:text/html,hello", "careers.example.test/1"])(
    "cannot send candidates to %s",
    async (applyUrl) => {
      const { submit, list } = await aRemoteOk();
      expect((await submit("/hire-remotely", { ...words, applyUrl })).status).toBe(422);
      expect(await list()).toHaveLength(1);
    },
  );

  it("is refused where a text is too long, and not cut", async () => {
    const { submit, twin } = await aRemoteOk();
    const described = (length: number) => ({ ...words, description: "x".repeat(length) });
    expect((await submit("/hire-remotely", described(100_000))).status).toBe(201);
    expect((await submit("/hire-remotely", described(100_001))).status).toBe(422);
    expect((await submit("/hire-remotely", described(1_000_001))).status).toBe(413);
    expect(twin.charges()).toHaveLength(1);
  });
});

describe("the commands of Remote OK's stand-in", () => {
  it("post, change and close a job as a person does", async () => {
    const { command, list, origin } = await aRemoteOk();
    const { result: post } = await command("post-job", words);
    expect(post.url).toBe(`${origin}/remote-jobs/1000001-service-engineer-at-muster-bridges`);
    expect(post.editUrl).toMatch(`${origin}/edit/`);
    const { result: changed } = await command("change-job", { id: post.id, position: "Welder" });
    expect(changed).toEqual({ ...post, url: `${origin}/remote-jobs/1000001-welder-at-muster-bridges` });
    expect((await list())[1]).toMatchObject({ position: "Welder", company: "Muster Bridges" });
    await command("close-job", { id: post.id });
    expect(await list()).toHaveLength(1);
    expect((await command("jobs")).result).toMatchObject([{ id: post.id, isClosed: true }]);
    expect((await command("charges")).result).toMatchObject([{ postId: post.id, amount: 299 }]);
  });

  it("leave the renewal as it is, where a change says nothing of it", async () => {
    const { command, sandbox } = await aRemoteOk();
    const { result: post } = await command("post-job", words);
    await command("change-job", { id: post.id, position: "Welder" });
    sandbox.clock.advance(31 * dayMs);
    expect((await command("charges")).result).toHaveLength(2);
    await command("change-job", { id: post.id, autoRenew: false });
    sandbox.clock.advance(65 * dayMs);
    expect((await command("charges")).result).toHaveLength(2);
  });

  it("say what cannot be", async () => {
    const { command } = await aRemoteOk();
    expect(await command("change-job", { id: 7 })).toMatchObject({
      status: 500,
      result: expect.stringContaining("There is no post 7"),
    });
    const { result: post } = await command("post-job", words);
    expect((await command("change-job", { id: post.id, company: "" })).result).toContain("are needed");
    expect((await command("jobs")).result).toMatchObject([{ entered: { company: "Muster Bridges" } }]);
  });
});
