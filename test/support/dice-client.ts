import { createTransport, type SendMailOptions } from "nodemailer";
import { onTestFinished } from "vitest";
import type { DiceTwin } from "../../sandbox/dice-twin.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";

/** Somebody who sends batches to Dice's twin, without the service. */
export interface DiceClient {
  readonly sandbox: Sandbox;
  readonly twin: DiceTwin;
  /** Where the twin is. */
  readonly origin: string;
  /** Sends a mail as it should be, but for the changes. */
  send(file: string | Buffer, changes?: SendMailOptions): Promise<void>;
  /** What became of the latest mail. */
  notes(): readonly string[];
  /** What candidates see, by position id. */
  titles(): Readonly<Record<string, string>>;
}

export async function aDice(): Promise<DiceClient> {
  const sandbox = await startSandbox({ port: 0, now: () => new Date("2026-12-01T10:00:00Z") });
  onTestFinished(() => sandbox.stop());
  const { dice: twin, settings } = sandbox;
  const { username, password } = twin.createAccount({ diceId: "muster" });
  return {
    sandbox,
    twin,
    origin: `${sandbox.origin}/dice`,
    async send(file, changes = {}) {
      await createTransport(settings["SMTP_URL"] ?? "").sendMail({
        from: settings["SMTP_FROM"],
        to: "dicejobs@dice.com",
        text: `username: ${username}\npassword: ${password}\n`,
        attachments: [{ filename: "jobs.txt", content: file }],
        ...changes,
      });
    },
    notes: () => twin.mails().at(-1)?.notes ?? [],
    titles: () => Object.fromEntries(twin.jobs().map(({ doc }) => [doc["positionid"], doc["jobtitle"] ?? ""])),
  };
}

/** One job of a batch, as the reference shows it. */
export function aDoc(positionid: string, changes: Readonly<Record<string, string | undefined>> = {}): string {
  const tags = {
    positionid,
    diceid: "muster",
    jobtitle: "Service engineer",
    taxterm: "FULLTIME",
    country: "US",
    state: "TX",
    location: "Austin",
    postalcode: "78701",
    company: "Muster AG",
    comments: "You mend bridges.",
    applylink: "https://muster.example/apply",
    ...changes,
  };
  const lines = Object.entries(tags).flatMap(([tag, value]) =>
    value === undefined ? [] : [`<${tag}>${value}</${tag}>`],
  );
  return ["<doc>", ...lines, "</doc>"].join("\n");
}

export function aBatch(docs: readonly string[], mode = "totalreplace"): string {
  return `<!doctype batch ${mode}>\n${docs.join("\n")}\n`;
}
