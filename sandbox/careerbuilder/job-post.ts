import { textIn } from "../soap/envelope.ts";
import { readXml, type XmlElement } from "../xml-reader.ts";
import { account, type DpiError, known, missing, noneLeft, tooLong, unknown } from "./errors.ts";
import type { CareerBuilderState, SentJob, StoredAccount, StoredJob } from "./state.ts";
import type { CareerBuilderSwitches } from "./switches.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** What an answer says of one job. */
export interface Processed {
  readonly errors: readonly DpiError[];
  readonly action: string;
  readonly job: StoredJob | null;
  readonly transactionDid: string | null;
}

/** Takes jobs as XML in a text, one in each call. */
export class JobPost {
  constructor(
    private readonly stored: CareerBuilderState,
    private readonly switches: CareerBuilderSwitches,
    private readonly now: () => Date,
  ) {}

  /** @throws {XmlError} for what is no XML. @returns null when the login is wrong */
  process(xmlJob: string): Processed | null {
    const document = readXml(xmlJob);
    const found = this.accountOf(document);
    if (found === null) return null;
    const sent = document.children.find(({ name }) => name === "Job");
    const job = sentJob(sent);
    const action = (job["Action"] ?? "").toLowerCase();
    const refused = (errors: readonly DpiError[]): Processed => ({ errors, action, job: null, transactionDid: null });
    if (job["CustomerAccountCode"] !== found.code) return refused([account]);
    if (!job["JobID"]) return refused([missing("JobID")]);
    const there = this.find(found, job["JobID"]);
    if (action === "delete") return this.remove(there, refused);
    const errors = this.errorsIn(job);
    if (errors.length > 0) return refused(errors);
    if (there && !there.isDeleted) {
      if (action === "add" && this.switches.addOfKnown === "error") return refused([known]);
      there.job = job;
      return this.queued(there, action);
    }
    if (action === "update") return refused([unknown]);
    if (this.switches.postingsLeft === 0) return refused([noneLeft]);
    return this.queued(this.add(found, job), action);
  }

  private accountOf(document: XmlElement): StoredAccount | null {
    const [vendorId, userName, password] = ["VendorID", "UserName", "Password"].map((name) => textIn(document, name));
    const all = [...this.stored.accounts.values()];
    return (
      all.find((one) => one.vendorId === vendorId && one.userName === userName && one.password === password) ?? null
    );
  }

  private find({ code }: StoredAccount, jobId: string): StoredJob | undefined {
    return [...this.stored.jobs.values()].findLast((job) => job.accountCode === code && job.jobId === jobId);
  }

  private remove(there: StoredJob | undefined, refused: (errors: readonly DpiError[]) => Processed): Processed {
    if (!there || there.isDeleted) {
      return this.switches.deleteOfUnknown === "error" ? refused([unknown]) : refused([]);
    }
    there.isDeleted = true;
    return this.queued(there, "delete");
  }

  private add({ code }: StoredAccount, job: SentJob): StoredJob {
    const did = `J3${String(this.stored.jobs.size + 1).padStart(8, "0")}`;
    const jobId = job["JobID"] ?? "";
    const byContract = new Date(this.now().getTime() + this.switches.daysShown * dayMs);
    const wanted = new Date(job["ExpirationDate"] ?? "");
    const expiresAt = Number.isNaN(wanted.getTime()) || wanted > byContract ? byContract : wanted;
    const stored = { did, jobId, accountCode: code, job, isDeleted: false, expiresAt };
    this.stored.jobs.set(did, stored);
    this.stored.charges.push({ accountCode: code, jobId, at: this.now() });
    if (this.switches.postingsLeft !== null) this.switches.postingsLeft -= 1;
    return stored;
  }

  private queued(job: StoredJob, action: string): Processed {
    const did = `T7${String(this.stored.transactions.size + 1).padStart(8, "0")}`;
    this.stored.transactions.set(did, { did, jobDid: job.did, action, polls: 0 });
    return { errors: [], action, job, transactionDid: did };
  }

  private errorsIn(job: SentJob): readonly DpiError[] {
    const { maxTitle } = this.switches;
    const needed = ["JobTitle", "Description", "Country"].filter((name) => !job[name]);
    const isReached = job["ApplicationURL"] || job["ApplyOnlineCopyEmail"];
    return [
      ...needed.map(missing),
      ...(isReached ? [] : [missing("ApplicationURL or ApplyOnlineCopyEmail")]),
      ...(job["City"] || job["PostalCode"] ? [] : [missing("City or PostalCode")]),
      ...((job["JobTitle"] ?? "").length > maxTitle ? [tooLong("JobTitle", maxTitle)] : []),
    ];
  }
}

function sentJob(element: XmlElement | undefined): SentJob {
  return Object.fromEntries((element?.children ?? []).map(({ name, text }) => [name, text]));
}
