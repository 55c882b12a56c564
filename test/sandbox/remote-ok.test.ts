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
  return { sandbox, twin: sandbox.remoteOk, origin, call, list, submit };
}

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
    const editPath = /\/edit\/\w+/.exec(text)?.[0] ?? "";
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
});
