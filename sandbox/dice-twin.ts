import { readBatchFile } from "./dice/batch-file.ts";
import { type BatchMail, readBatchMail } from "./dice/batch-mail.ts";
import { answerPage } from "./dice/pages.ts";
import { type DiceCompany, emptyDiceState, type ListedJob, type ReceivedBatch } from "./dice/state.ts";
import { type DiceSwitches, defaultSwitches } from "./dice/switches.ts";
import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import type { DeliveredMail } from "./mail-server.ts";
import { html, json, type Twin, type TwinDoor, type TwinOptions, type TwinReply, type TwinRequest } from "./twin.ts";

/** Dice: jobs come by mail, all of a company's in one file, and nobody ever answers. */
export class DiceTwin implements Twin {
  readonly name = "dice";
  readonly title = "Dice";
  readonly pages = { "/jobs": "Look at the jobs as a candidate", "/mailbox": "Look at the mail that came" };
  readonly mailbox = {
    address: "dicejobs@dice.com",
    receive: (mail: DeliveredMail) => this.receive(mail),
  };
  readonly faults = new Faults(this);
  readonly switches: DiceSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  private readonly stored = emptyDiceState();
  private readonly now: () => Date;
  private readonly origin: () => string;

  constructor({ now, origin }: TwinOptions) {
    this.now = now;
    this.origin = origin;
    this.commands = {
      "create-account": ({ diceId }) => this.createAccount({ diceId: String(diceId) }),
      jobs: () => this.jobs(),
      mails: () => this.mails(),
      "change-password": ({ diceId, password }) => this.changePassword(String(diceId), String(password)),
      "set-switches": (words) => Object.assign(this.switches, words),
    };
  }

  /** It is reached by mail alone. */
  settings(): Readonly<Record<string, string>> {
    return {};
  }

  doorOf(): TwinDoor {
    return "page";
  }

  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const page = answerPage(request, this.stored, this.switches, this.origin());
    return page ?? json(404, { message: `There is no ${request.path}` });
  }

  refuse(): TwinReply {
    return html(503, "<h1>Dice is down</h1>");
  }

  readonly state = {
    load: (kept: unknown): void => void Object.assign(this.stored, kept),
    save: (): unknown => this.stored,
  };

  /** The companies. */
  readonly accounts = (): readonly string[] => [...this.stored.companies.values()].map(({ diceId }) => diceId);

  /** With a login that everybody knows. */
  seed(): void {
    const company = { diceId: "10123456", username: "sandbox-batch", password: "sandbox-batch-password" };
    this.stored.companies.set(company.username, company);
  }

  /** What Dice's support gives to a company. */
  createAccount({ diceId }: { readonly diceId: string }): DiceCompany {
    const number = this.stored.companies.size + 1;
    const company = { diceId, username: `batch-${number}`, password: `batch-password-${number}` };
    this.stored.companies.set(company.username, company);
    return company;
  }

  changePassword(diceId: string, password: string): void {
    const company = [...this.stored.companies.values()].find((one) => one.diceId === diceId);
    if (!company) throw new Error(`There is no company ${diceId}`);
    company.password = password;
  }

  /** What candidates see. */
  jobs(): readonly ListedJob[] {
    return [...this.stored.jobs.values()];
  }

  /** The oldest first. */
  mails(): readonly ReceivedBatch[] {
    return this.stored.mails;
  }

  issuedSecrets(): readonly string[] {
    return [...this.stored.companies.values()].map(({ password }) => password);
  }

  /** Of the pages; mail fails at the mail server. @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, { on: "page", ...options });
  }

  /** A mail has come. Whatever becomes of it, whoever sent it is not told. */
  private async receive({ from, to, bytes }: DeliveredMail): Promise<void> {
    const mail = await readBatchMail(bytes, this.switches);
    const company = this.companyOf(mail);
    const notes = company ? [...mail.notes] : [...mail.notes, "There is no such login"];
    if (company && mail.file !== null && mail.notes.length === 0) notes.push(...this.take(company, mail.file));
    this.stored.mails.push({
      ...{ at: this.now(), from, to, subject: mail.subject },
      body: `username: ${mail.username ?? ""}\npassword: ${mail.password === null ? "" : "(not shown)"}`,
      fileName: mail.fileName,
      fileBytes: mail.fileBytes,
      file: mail.file?.toString("utf8") ?? null,
      diceId: company?.diceId ?? null,
      notes,
    });
  }

  private companyOf({ username, password }: BatchMail): DiceCompany | null {
    const company = this.stored.companies.get(username ?? "");
    return company && company.password === password ? company : null;
  }

  /** @returns what of it was not taken, and why */
  private take({ diceId }: DiceCompany, file: Buffer): readonly string[] {
    const read = readBatchFile(file, this.switches);
    if (typeof read === "string") return [read];
    const { mode, docs, notes } = read;
    const own = docs.filter((doc) => doc["diceid"] === diceId);
    const foreign = docs.length - own.length;
    const isIgnored = mode === "total-replace" && docs.length === 0 && this.switches.emptyFile === "ignored";
    if (mode === "total-replace" && !isIgnored)
      this.remove(
        diceId,
        own.map((doc) => doc["positionid"] ?? ""),
      );
    let refused = 0;
    for (const doc of own) {
      const key = `${diceId}/${doc["positionid"] ?? ""}`;
      const known = this.stored.jobs.get(key);
      const listed = this.jobs().filter((job) => job.diceId === diceId).length;
      if (known) known.doc = doc;
      else if (listed < (this.switches.jobSlots ?? Number.POSITIVE_INFINITY))
        this.stored.jobs.set(key, { diceId, doc, since: this.now() });
      else refused += 1;
    }
    return [
      ...notes,
      ...(foreign > 0 ? [`${foreign} jobs are of another Dice id`] : []),
      ...(refused > 0 ? [`${refused} jobs have no slot`] : []),
      ...(isIgnored ? ["A file without jobs is ignored"] : []),
    ];
  }

  private remove(diceId: string, but: readonly string[]): void {
    for (const [key, job] of this.stored.jobs) {
      if (job.diceId === diceId && !but.includes(job.doc["positionid"] ?? "")) this.stored.jobs.delete(key);
    }
  }
}
