import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";

const ids = (name: string, id: string) => `<${name} monsterId="${id}"/>`;
const job = {
  title: "Fitter",
  body: "You talk with customers, and mend bridges.",
  level: "12",
  status: "4",
  duration: "30",
  apply: "<ApplyOnlineURL>https://careers.example.test/1</ApplyOnlineURL>",
};

async function aMonster() {
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(() => sandbox.stop());
  const { monster: twin } = sandbox;
  const { userName, password } = twin.createAccount("xmuster", 2);
  const send = async (
    content: string,
    secret = password,
    header = "<MessageId>1</MessageId><Timestamp>2026-11-26T10:00:00Z</Timestamp>",
  ) => {
    const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>
<mh:MonsterHeader xmlns:mh="http://schemas.monster.com/MonsterHeader"><mh:MessageData>${header.replaceAll(/<(\/?)/g, "<$1mh:")}</mh:MessageData></mh:MonsterHeader>
<w:Security xmlns:w="http://schemas.xmlsoap.org/ws/2002/04/secext"><w:UsernameToken><w:Username>${userName}</w:Username><w:Password>${secret}</w:Password></w:UsernameToken></w:Security></s:Header><s:Body>${content}</s:Body></s:Envelope>`;
    const headers = { "content-type": "text/xml; charset=utf-8" };
    const reply = await fetch(`${sandbox.origin}/monster/bgwBroker`, { method: "POST", headers, body });
    return { status: reply.status, text: await reply.text() };
  };
  const message = (changes: Partial<typeof job> = {}, action = "addOrUpdate") => {
    const { title, body, level, status, duration, apply } = { ...job, ...changes };
    return `<Job xmlns="http://schemas.monster.com/Monster" jobRefCode="REF-1" jobAction="${action}" inventoryType="transactional" jobComplete="true">
<RecruiterReference><UserName>xmuster</UserName></RecruiterReference>
<JobInformation><JobTitle>${title}</JobTitle>${ids("JobLevel", level)}${ids("JobType", "1")}${ids("JobStatus", status)}
<PhysicalAddress><City>Austin</City><CountryCode>US</CountryCode></PhysicalAddress><JobBody><![CDATA[<p>${body}</p>]]></JobBody>${apply}</JobInformation>
<JobPostings><JobPosting desiredDuration="${duration}">${ids("JobCategory", "11")}<JobOccupations>${ids("JobOccupation", "11892")}</JobOccupations>${ids("BoardName", "1")}</JobPosting></JobPostings></Job>`;
  };
  return { sandbox, twin, send, message };
}

describe("Monster's gateway", () => {
  it("takes a job, and one of the inventory for it, once", async () => {
    const { send, message, twin } = await aMonster();
    const first = await send(message());
    expect(first.status).toBe(200);
    for (const part of ['jobRefCode="REF-1"', 'postingId="200000001"', 'returnCodeType="success">0<']) {
      expect(first.text).toContain(part);
    }
    await send(message({ title: "Welder" }));
    expect(twin.jobs()).toMatchObject([
      { job: { title: "Welder", body: "<p>You talk with customers, and mend bridges.</p>" } },
    ]);
    expect((await send('<InventoriesQuery xmlns="http://schemas.monster.com/Monster"/>')).text).toContain(
      "<AvailableQuantity>1<",
    );
  });

  it.each([
    [{ title: "x".repeat(101) }, "JobTitle must have 1 to 100"],
    [{ body: "short" }, "JobBody must have 25"],
    [{ level: "99" }, "JobLevel has no id 99"],
    [{ status: "2" }, "JobStatus has no id 2"],
    [{ duration: "45" }, "desiredDuration must be 30 or 60"],
    [{ apply: "" }, "A way to apply is required"],
  ])("refuses a job with a return code and its words: %o", async (changes, says) => {
    const { send, message, twin } = await aMonster();
    const { status, text } = await send(message(changes));
    expect([status, text]).toEqual([200, expect.stringContaining(says)]);
    expect(text).toContain('returnCodeType="failure">1<');
    expect(twin.jobs()).toEqual([]);
  });

  it("deletes what is active, says so of what is not, and takes inventory again for what comes back", async () => {
    const { send, message } = await aMonster();
    expect((await send(message({}, "delete"))).text).toContain("no active job");
    await send(message());
    expect((await send(message({}, "add"))).text).toContain("already an active job");
    await send(message({}, "delete"));
    await send(message());
    await send(message({}, "delete"));
    expect((await send(message())).text).toContain("no inventory available");
  });

  it("answers a wrong login, and a header without its parts, with a fault", async () => {
    const { send, message } = await aMonster();
    const refused = await send(message(), "wrong");
    expect([refused.status, refused.text]).toEqual([500, expect.stringContaining("FailedAuthentication")]);
    expect((await send(message(), undefined, "<MessageId>1</MessageId>")).text).toContain(
      "needs MessageId and Timestamp",
    );
  });
});

describe("Monster's pages", () => {
  it("show a job, with a form where candidates apply there", async () => {
    const { send, message, sandbox, twin } = await aMonster();
    const apply =
      "<ApplyWithMonster><VendorText>x</VendorText><PostURL>http://127.0.0.1:9/a</PostURL><ApiKey>k</ApiKey></ApplyWithMonster>";
    await send(message({ apply }));
    const page = async (path: string, form?: Record<string, string>) => {
      const body = form && new URLSearchParams(form);
      const reply = await fetch(`${sandbox.origin}/monster${path}`, body ? { method: "POST", body } : {});
      return reply.text();
    };
    expect(await page("/jobs")).toContain("Fitter");
    expect(await page("/jobs/200000001")).toContain('name="email"');
    expect(await page("/jobs/200000001/apply", { email: "z@example.test" })).toContain("brought later");
    expect(twin.deliveries()).toMatchObject([{ outcome: "given-up" }]);
  });
});
