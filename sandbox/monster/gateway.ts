import { envelope, escapeXml, fault, readEnvelope, textIn } from "../soap/envelope.ts";
import type { TwinReply, TwinRequest } from "../twin.ts";
import { type XmlElement, XmlError } from "../xml-reader.ts";
import { mistakesIn, sentJobOf } from "./job-document.ts";
import type { MonsterState, StoredAccount, StoredJob } from "./state.ts";
import type { MonsterSwitches } from "./switches.ts";

export const monster = "http://schemas.monster.com/Monster";
const header = "http://schemas.monster.com/MonsterHeader";
const security = "http://schemas.xmlsoap.org/ws/2002/04/secext";
const dayMs = 24 * 60 * 60 * 1000;
const maxReference = 50;

/** Real Time Posting, by SOAP: one job in each message. */
export class Gateway {
  constructor(
    private readonly stored: MonsterState,
    private readonly switches: MonsterSwitches,
    private readonly now: () => Date,
  ) {}

  handle({ method, body, headers }: TwinRequest): TwinReply {
    if (method !== "POST") return { status: 405, body: "" };
    if (!(headers["content-type"] ?? "").startsWith("text/xml"))
      return fault("Client", "The content type is not text/xml");
    try {
      const message = readEnvelope(body);
      const account = this.accountOf(message.header);
      if (!account) return fault("Client", "FailedAuthentication: The user name or password is not valid");
      const { content } = message;
      if (content.ns !== monster) return fault("Client", `Unexpected element ${content.name}`);
      if (content.name === "InventoriesQuery") return this.inventories(account);
      if (content.name === "Job") return this.jobAnswer(account, content);
      return fault("Client", `Unexpected element ${content.name}`);
    } catch (error) {
      if (error instanceof XmlError) return fault("Client", error.message);
      throw error;
    }
  }

  isOpen({ isDeleted, expiresAt }: StoredJob): boolean {
    return !isDeleted && expiresAt > this.now();
  }

  private accountOf(headers: XmlElement | undefined): StoredAccount | null {
    const data = headers?.children.find(({ ns, name }) => ns === header && name === "MonsterHeader")?.children[0];
    if (textIn(data, "MessageId") === "" || Number.isNaN(Date.parse(textIn(data, "Timestamp")))) {
      throw new XmlError("MonsterHeader needs MessageId and Timestamp");
    }
    const token = headers?.children.find(({ ns, name }) => ns === security && name === "Security")?.children[0];
    const [userName, password] = [textIn(token, "Username"), textIn(token, "Password")];
    const all = [...this.stored.accounts.values()];
    return all.find((account) => account.userName === userName && account.password === password) ?? null;
  }

  private inventories({ inventory }: StoredAccount): TwinReply {
    const left = inventory ?? 1000;
    return envelope(
      `<InventoriesQueryResponse xmlns="${monster}"><Inventories><Inventory inventoryType="transactional"><AvailableQuantity>${left}</AvailableQuantity></Inventory></Inventories></InventoriesQueryResponse>`,
    );
  }

  private jobAnswer(account: StoredAccount, job: XmlElement): TwinReply {
    const reference = job.attributes["jobRefCode"] ?? "";
    const action = job.attributes["jobAction"] ?? "";
    const recruiter = textIn(
      job.children.find(({ name }) => name === "RecruiterReference"),
      "UserName",
    );
    if (reference === "" || reference.length > maxReference)
      return refused(reference, ["jobRefCode must have 1 to 50 characters"]);
    if (recruiter !== account.recruiter) return refused(reference, [`The recruiter ${recruiter} does not exist`]);
    const there = this.find(recruiter, reference);
    switch (action) {
      case "delete":
        return this.remove(reference, there);
      case "addOrUpdate":
      case "add":
        return this.put(account, { job, reference, there: action === "add" && there ? "taken" : (there ?? null) });
      default:
        return refused(reference, [`jobAction ${action} is not valid`]);
    }
  }

  private remove(reference: string, there: StoredJob | undefined): TwinReply {
    if (!there) return refused(reference, ["There is no active job with this reference code"]);
    there.isDeleted = true;
    return this.taken(there);
  }

  private put(
    account: StoredAccount,
    { job, reference, there }: { job: XmlElement; reference: string; there: StoredJob | "taken" | null },
  ): TwinReply {
    if (there === "taken") return refused(reference, ["There is already an active job with this reference code"]);
    const mistakes = mistakesIn(job, this.switches);
    if (mistakes.length > 0) return refused(reference, mistakes);
    const sent = sentJobOf(job);
    if (there) {
      there.job = sent;
      return this.taken(there);
    }
    if (account.inventory === 0) return refused(reference, ["There is no inventory available for this posting"]);
    if (account.inventory !== null) account.inventory -= 1;
    const postingId = String(200_000_000 + this.stored.jobs.size + 1);
    const expiresAt = new Date(this.now().getTime() + sent.durationDays * dayMs);
    const { recruiter } = account;
    const stored = { postingId, jobRefCode: reference, recruiter, job: sent, isDeleted: false, expiresAt };
    this.stored.jobs.set(postingId, stored);
    return this.taken(stored);
  }

  private find(recruiter: string, reference: string): StoredJob | undefined {
    return [...this.stored.jobs.values()].findLast(
      (job) => job.recruiter === recruiter && job.jobRefCode === reference && this.isOpen(job),
    );
  }

  private taken({ jobRefCode, postingId, expiresAt }: StoredJob): TwinReply {
    const expiry = this.switches.tellsExpiry ? ` expireDate="${expiresAt.toISOString()}"` : "";
    return jobsResponse(
      jobRefCode,
      `<JobPostingResponse postingId="${postingId}"${expiry}/><Status><ReturnCode returnCodeType="success">0</ReturnCode></Status>`,
    );
  }
}

export function refused(reference: string, texts: readonly string[]): TwinReply {
  const descriptions = texts.map((text) => `<Description descriptionType="error">${escapeXml(text)}</Description>`);
  return jobsResponse(
    reference,
    `<Status><ReturnCode returnCodeType="failure">1</ReturnCode><Descriptions>${descriptions.join("")}</Descriptions></Status>`,
  );
}

function jobsResponse(reference: string, content: string): TwinReply {
  return envelope(
    `<JobsResponse xmlns="${monster}"><JobResponse><JobReference jobRefCode="${escapeXml(reference)}"/>${content}</JobResponse></JobsResponse>`,
  );
}
