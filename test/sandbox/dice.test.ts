import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createTransport } from "nodemailer";
import { describe, expect, it, onTestFinished } from "vitest";
import type { DiceSwitches } from "../../sandbox/dice/switches.ts";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { aBatch, aDice, aDoc } from "../support/dice-client.ts";

describe("a batch that is mailed to Dice", () => {
  it("replaces all jobs of the company: what is not in it is gone", async () => {
    const { send, titles, notes } = await aDice();
    await send(aBatch([aDoc("A"), aDoc("B")]));
    expect([titles(), notes()]).toEqual([{ A: "Service engineer", B: "Service engineer" }, []]);
    await send(aBatch([aDoc("B", { jobtitle: "Staff engineer" }), aDoc("C")]));
    expect(titles()).toEqual({ B: "Staff engineer", C: "Service engineer" });
  });

  it("adds and changes alone when it is incremental", async () => {
    const { send, titles } = await aDice();
    await send(aBatch([aDoc("A")]));
    await send(aBatch([aDoc("A", { jobtitle: "Staff engineer" }), aDoc("B")], "incremental"));
    expect(titles()).toEqual({ A: "Staff engineer", B: "Service engineer" });
  });

  it("leaves other companies' jobs alone, and takes none for them", async () => {
    const { twin, send, notes } = await aDice();
    const { username, password } = twin.createAccount({ diceId: "other" });
    const text = `username: ${username}\npassword: ${password}`;
    await send(aBatch([aDoc("A")]));
    await send(aBatch([aDoc("A", { diceid: "other" }), aDoc("B")]), { text });
    expect(notes()).toEqual(["1 jobs are of another Dice id"]);
    expect(twin.jobs().map(({ diceId, doc }) => [diceId, doc["positionid"]])).toEqual([
      ["muster", "A"],
      ["other", "A"],
    ]);
  });

  it("may be compressed", async () => {
    const { send, titles } = await aDice();
    await send("", { attachments: [{ filename: "jobs.txt.gz", content: gzipSync(aBatch([aDoc("A")])) }] });
    expect(Object.keys(titles())).toEqual(["A"]);
  });

  it("says what stands for a mark of SGML", async () => {
    const { send, titles } = await aDice();
    await send(aBatch([aDoc("A", { jobtitle: "C &amp; C++ &lt;b&gt; caf&#233; &#x1F600;" })]));
    expect(titles()).toEqual({ A: "C & C++ <b> café 😀" });
  });

  it("with a login that Dice does not know is met with silence, and a note in Dice's own log", async () => {
    const { send, titles, notes, twin } = await aDice();
    await send(aBatch([aDoc("A")]), { text: "username: batch-1\npassword: wrong" });
    expect([titles(), notes()]).toEqual([{}, ["There is no such login"]]);
    twin.changePassword("muster", "new");
    await send(aBatch([aDoc("A")]));
    expect([titles(), notes()]).toEqual([{}, ["There is no such login"]]);
  });

  it.each([
    { what: "no attachment", changes: { attachments: [] }, note: "There are 0 attachments instead of one" },
    {
      what: "a Word file",
      changes: { attachments: [{ filename: "jobs.doc", content: "x" }] },
      note: "The attachment is called jobs.doc, and not .txt or .gz",
    },
    {
      what: "bytes that are no gzip",
      changes: { attachments: [{ filename: "jobs.gz", content: "x" }] },
      note: "The attachment cannot be unpacked",
    },
    {
      what: "a greeting",
      changes: { text: "Hello!\nusername: batch-1\npassword: batch-password-1" },
      note: "The body has other lines than user name and password",
    },
  ])("with $what is not taken", async ({ changes, note }) => {
    const { send, titles, notes } = await aDice();
    await send(aBatch([aDoc("A")]), changes);
    expect([titles(), notes()]).toEqual([{}, [note]]);
  });

  it.each([
    ["<doc><positionid>A</positionid></doc>", "The file does not begin with a doctype"],
    [aBatch([aDoc("A")], "merge"), "There is no mode merge"],
    [`${aBatch([aDoc("A")])}<doc>`, "The file does not end with a job"],
    [aBatch([aDoc("A"), aDoc("B", { jobtitle: "R & D" })]), "Job 2 cannot be read"],
    [aBatch([aDoc("A", { comments: "<p>You mend bridges.</p>" })]), "Job 1 cannot be read"],
    [aBatch([aDoc("A", { jobtitle: "Café" })]), "The file has bytes that are no ASCII"],
  ])("that cannot be read removes nothing: %s", async (file, note) => {
    const { send, titles, notes } = await aDice();
    await send(aBatch([aDoc("Z")]));
    await send(file);
    expect([titles(), notes()]).toEqual([{ Z: "Service engineer" }, [note]]);
  });

  it.each<[string, readonly string[], Partial<DiceSwitches>]>([
    ["Job A has no jobtitle", [aDoc("A", { jobtitle: " " })], {}],
    ["Job A is there twice", [aDoc("A"), aDoc("A")], {}],
    ["Job A has a tag twice", [aDoc("A", { JobTitle: "Another" })], {}],
    ["Job A has colour, which is no tag", [aDoc("A", { colour: "red" })], {}],
    ["Job A has the unknown taxterm INTERN", [aDoc("A", { taxterm: "INTERN" })], {}],
    ["Job A has allowrecruiterapplies yes", [aDoc("A", { allowrecruiterapplies: "yes" })], {}],
    ["Job A has too long a title", [aDoc("A")], { titleLength: 5 }],
    ["1 jobs have no slot", [aDoc("Z"), aDoc("Y")], { jobSlots: 1 }],
  ])("may have jobs that are not taken: %s", async (note, docs, switches) => {
    const { send, notes, twin } = await aDice();
    Object.assign(twin.switches, switches);
    await send(aBatch(docs));
    expect(notes()).toEqual([note]);
  });

  it("has tags of the recruiter whatever they are called, and others where nobody minds", async () => {
    const { send, notes, twin } = await aDice();
    await send(aBatch([aDoc("A", { recruiter_name: "Ana", recruiteremail: "ana@muster.example" })]));
    expect(notes()).toEqual([]);
    twin.switches.otherTags = "ignored";
    await send(aBatch([aDoc("A", { colour: "red" })]));
    expect(notes()).toEqual([]);
  });

  it("without a job removes all of them, or does nothing where it is told so", async () => {
    const { send, titles, notes, twin } = await aDice();
    await send(aBatch([aDoc("A")]));
    twin.switches.emptyFile = "ignored";
    await send(aBatch([]));
    expect([Object.keys(titles()), notes()]).toEqual([["A"], ["A file without jobs is ignored"]]);
    twin.switches.emptyFile = "removes-all";
    await send(aBatch([]));
    expect(titles()).toEqual({});
  });

  it("is as large as may be, and no byte larger", async () => {
    const { send, notes, twin } = await aDice();
    const file = aBatch([aDoc("A")]);
    twin.switches.maxAttachmentBytes = file.length;
    await send(file);
    expect(notes()).toEqual([]);
    await send(`${file}\n`);
    expect(notes()).toEqual([`The attachment has ${file.length + 1} bytes, and may have ${file.length}`]);
  });
});

describe("Dice's pages", () => {
  const textOf = async (url: string) => (await fetch(url)).text();

  it("show jobs as candidates see them, and lead to the company's own page", async () => {
    const { sandbox, origin, send } = await aDice();
    expect(await textOf(sandbox.origin)).toContain(`${origin}/jobs`);
    expect(await textOf(`${origin}/jobs`)).toContain("There are none yet");
    await send(aBatch([aDoc("A", { payrate: "50 USD an hour", skillsreq: "Welding" })]));
    const list = await textOf(`${origin}/jobs`);
    for (const part of ["Service engineer", "Muster AG", "Austin, TX", "Welding"]) expect(list).toContain(part);
    const page = await textOf(`${origin}/jobs/muster-A`);
    for (const part of ['href="https://muster.example/apply"', "50 USD an hour"]) expect(page).toContain(part);
    await send(aBatch([aDoc("A", { applylink: undefined, recruiteremail: "ana@muster.example" })]));
    expect(await textOf(`${origin}/jobs/muster-A`)).toContain('href="mailto:ana@muster.example"');
    await send(aBatch([]));
    expect((await fetch(`${origin}/jobs/muster-A`)).status).toBe(404);
  });

  it("show the mail that came, and what became of it, without the password", async () => {
    const { origin, send } = await aDice();
    expect(await textOf(`${origin}/mailbox`)).toContain("There is none yet");
    await send(aBatch([aDoc("A")]));
    await send(aBatch([aDoc("A")]), { text: "username: batch-1\npassword: wrong" });
    expect(await textOf(`${origin}/mailbox`)).toContain("nothing came of it");
    const page = await textOf(`${origin}/mailbox/1`);
    for (const part of ["dicejobs@dice.com", "jobs.txt", "positionid", "username"]) expect(page).toContain(part);
    expect(page).not.toContain("batch-password");
    expect((await fetch(`${origin}/mailbox/9`)).status).toBe(404);
    expect((await fetch(`${origin}/nowhere`)).status).toBe(404);
  });

  it("can be down", async () => {
    const { origin, twin } = await aDice();
    twin.fail("down", { times: 1 });
    expect((await fetch(`${origin}/jobs`)).status).toBe(503);
    expect((await fetch(`${origin}/jobs`)).status).toBe(200);
  });
});

describe("Dice's twin", () => {
  it("goes on where it was when it is started again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dice-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, "state");
    const first = await startSandbox({ port: 0, stateFile, seed: true });
    await createTransport(first.settings["SMTP_URL"] ?? "").sendMail({
      to: "dicejobs@dice.com",
      from: "jobs@muster.example",
      text: "username: sandbox-batch\npassword: sandbox-batch-password",
      attachments: [{ filename: "jobs.txt", content: aBatch([aDoc("A", { diceid: "10123456" })]) }],
    });
    await first.stop();
    const again = await startSandbox({ port: 0, stateFile, seed: true });
    onTestFinished(() => again.stop());
    expect(again.dice.accounts()).toEqual(["10123456"]);
    expect(again.dice.jobs()).toMatchObject([{ diceId: "10123456", doc: { positionid: "A" } }]);
    expect(again.dice.mails()).toMatchObject([{ notes: [] }]);
  });

  it("does what it is told by commands", async () => {
    const { sandbox, twin, send } = await aDice();
    const tell = async (command: string, words: object = {}) => {
      const url = `${sandbox.origin}/_control/dice/${command}`;
      return (await (await fetch(url, { method: "POST", body: JSON.stringify(words) })).json()).result;
    };
    expect(await tell("create-account", { diceId: "other" })).toMatchObject({ username: "batch-2" });
    await send(aBatch([aDoc("A")]));
    expect(await tell("jobs")).toMatchObject([{ doc: { jobtitle: "Service engineer" } }]);
    expect(await tell("mails")).toMatchObject([{ fileName: "jobs.txt", diceId: "muster" }]);
    await tell("set-switches", { jobSlots: 3 });
    expect(twin.switches.jobSlots).toBe(3);
    await tell("change-password", { diceId: "muster", password: "new" });
    expect(twin.issuedSecrets()).toEqual(["new", "batch-password-2"]);
  });
});
