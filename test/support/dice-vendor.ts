import type { DiceTwin } from "../../sandbox/dice-twin.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { mailSender, operatorOrigins, readConfig } from "../../src/config.ts";
import { createMailer } from "../../src/mail/mailer.ts";
import type { BatchMail } from "../../src/providers/job-board/batch.ts";
import { dice } from "../../src/providers/job-board/dice.ts";
import { createEgress } from "../../src/security/egress.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { type ConnectedByForm, connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface DiceVendor extends BoardVendor {
  readonly sandbox: Sandbox;
  readonly twin: DiceTwin;
  readonly secret: Readonly<Record<string, string>>;
  /** Connects with what a person enters. */
  connectAs(values: Readonly<Record<string, string>>): Promise<ConnectedByForm>;
  /** Sends a mail as it is. */
  deliver(mail: BatchMail): Promise<void>;
}

/** Dice's twin, and a company that may send batches. */
export async function createDiceVendor(): Promise<DiceVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { dice: twin, settings } = sandbox;
  const { diceId, ...secret } = twin.createAccount({ diceId: "10123456" });
  const config = readConfig({ ...settings });
  const egress = createEgress({ allowCidrs: [], allowedOrigins: operatorOrigins(config) });
  const { SMTP_URL: server } = config;
  if (!server) throw new Error("There is no mail server");
  const mailer = createMailer({ server, from: mailSender(config, "localhost"), ...egress.mail });
  const connectAs = (values: Readonly<Record<string, string>>) =>
    connectByForm(dice, settings, { diceId, ...secret, contactEmail: "ana@example.test", ...values });
  const deliver = async (mail: BatchMail) => void (await mailer.send(mail, new AbortController().signal));
  return {
    sandbox,
    twin,
    secret,
    connectAs,
    deliver,
    connect: () => connectAs({}),
    connectWrongly: () => connectAs({ contactEmail: "ana" }),
    secrets: () => [secret.password],
    seen: (_account, reference) =>
      twin
        .jobs()
        .filter(({ doc }) => doc["positionid"] === reference)
        .map(({ doc }) => ({ title: doc["jobtitle"] ?? "", isOpen: true })),
    batch: { secret, deliver },
    finishReviews: () => {},
    loseAnswer: () => {},
    ...troublesOf(twin),
    async stop() {
      await egress.close();
      await sandbox.stop();
    },
  };
}
