import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { escapeXml } from "../../sandbox/soap/envelope.ts";

const namespace = "http://dpi.careerbuilder.com/WebServices/";
const job = {
  CustomerAccountCode: "MUSTER",
  JobID: "REF-1",
  JobTitle: "Fitter",
  Description: "<p>You mend bridges.</p>",
  City: "Austin",
  Country: "US",
  ApplicationURL: "https://careers.example.test/1",
};

async function aCareerBuilder() {
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(() => sandbox.stop());
  const { careerbuilder: twin } = sandbox;
  const { userName, password } = twin.createAccount("MUSTER");
  const call = async (service: string, operation: string, parameter: string, value: string) => {
    const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><${operation} xmlns="${namespace}"><${parameter}>${escapeXml(value)}</${parameter}></${operation}></s:Body></s:Envelope>`;
    const reply = await fetch(`${sandbox.origin}/careerbuilder/WebServices/${service}.asmx`, { method: "POST", body });
    return { status: reply.status, text: await reply.text() };
  };
  const process = (action: string, changes: Readonly<Record<string, string>> = {}, secret = password) => {
    const elements = Object.entries({ Action: action, ...job, ...changes }).map(
      ([name, text]) => `<${name}>${escapeXml(text)}</${name}>`,
    );
    const login = `<VendorID>VENDOR1</VendorID><UserName>${userName}</UserName><Password>${secret}</Password>`;
    return call("RealTimeJobPost", "ProcessJob", "xmlJob", `<Jobs>${login}<Job>${elements.join("")}</Job></Jobs>`);
  };
  const statusOf = (did: string) => call("RealTimeJobStatus", "GetJobPostStatus", "sTGDID", did);
  return { sandbox, twin, process, statusOf };
}

describe("CareerBuilder's interface", () => {
  it("takes a job, queues it, and posts it after it was asked about twice", async () => {
    const { process, statusOf, twin } = await aCareerBuilder();
    const { status, text } = await process("add");
    expect(status).toBe(200);
    for (const part of ["<Action>add</Action>", "<JobDID>J300000001<", "<UserJobID>REF-1<", "<PostStatus>Queued<"]) {
      expect(text).toContain(part);
    }
    const words = [];
    for (let asked = 0; asked < 3; asked += 1)
      words.push(/<PostStatus>(\w+)/.exec((await statusOf("T700000001")).text)?.[1]);
    expect(words).toEqual(["Queued", "Queued", "Posted"]);
    expect(twin.jobs()).toMatchObject([{ jobId: "REF-1", job: { Description: "<p>You mend bridges.</p>" } }]);
  });

  it.each([
    [{ JobTitle: "" }, "JobTitle is required"],
    [{ JobTitle: "x".repeat(101) }, "must not exceed 100"],
    [{ City: "" }, "City or PostalCode is required"],
    [{ ApplicationURL: "" }, "ApplicationURL or ApplyOnlineCopyEmail is required"],
    [{ CustomerAccountCode: "OTHER" }, "account code is not known"],
  ])("lists what is wrong about a job: %o", async (changes, says) => {
    const { process, twin } = await aCareerBuilder();
    expect((await process("add", changes)).text).toContain(says);
    expect(twin.jobs()).toEqual([]);
  });

  it("changes and deletes what is there, and nothing else", async () => {
    const { process, twin } = await aCareerBuilder();
    expect((await process("update")).text).toContain("No job with this JobID");
    await process("add");
    expect((await process("add")).text).toContain("already exists");
    await process("update", { JobTitle: "Welder" });
    expect(twin.jobs()).toMatchObject([{ job: { JobTitle: "Welder" }, isDeleted: false }]);
    await process("delete");
    expect((await process("delete")).text).toContain("No job with this JobID");
    expect(twin.charges()).toHaveLength(1);
  });

  it("refuses a wrong login in an answer, or with a fault", async () => {
    const { process, twin } = await aCareerBuilder();
    const refused = await process("add", {}, "wrong");
    expect([refused.status, refused.text]).toEqual([200, expect.stringContaining("password is not valid")]);
    twin.switches.loginFailure = "fault";
    expect((await process("add", {}, "wrong")).status).toBe(500);
  });

  it("shows candidates what is posted", async () => {
    const { process, sandbox } = await aCareerBuilder();
    await process("add");
    const list = await (await fetch(`${sandbox.origin}/careerbuilder/jobs`)).text();
    expect(list).toContain("Fitter");
  });
});
