import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { Credentials, ProvenIdentity } from "../../provider.ts";
import { contractTerms } from "./batch-format.ts";
import { fillIn } from "./login.ts";

type Values = Readonly<Record<string, string>>;

/** What Dice's support gives to a company for batches. Nothing shows whether it is right: Dice does not answer. */
export const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  fields: [
    {
      name: "diceId",
      label: "Dice ID",
      kind: "TEXT",
      required: true,
      options: [],
      help: "The company's group id at Dice. Each mail replaces all jobs of this id, also those that were posted by hand or by another program.",
    },
    {
      name: "username",
      label: "Batch user name",
      kind: "TEXT",
      required: true,
      options: [],
      help: "Dice's support or the account manager gives it for batch posting: it is not the one of Dice's pages.",
    },
    {
      name: "password",
      label: "Batch password",
      kind: "SECRET",
      required: true,
      options: [],
      help: "The one that belongs to the batch user name. Dice does not say when it is wrong: look at Dice after the first posting.",
    },
    {
      name: "contactEmail",
      label: "Contact e-mail",
      kind: "TEXT",
      required: true,
      options: [],
      help: "Where Dice answers to, and where candidates of jobs without a contact of their own write to.",
    },
    {
      name: "contractTerm",
      label: "Contracts are",
      kind: "CHOICE",
      required: false,
      options: contractTerms,
      help: "What Dice calls jobs on contract: on W2, corp-to-corp, independent, or with a hire later. CON_W2 when nothing is chosen.",
    },
    {
      name: "allowRecruiterApplies",
      label: "Recruiters may apply",
      kind: "CHOICE",
      required: false,
      options: ["Y", "N"],
      help: "Whether recruiters may put candidates forward. Dice decides when nothing is chosen.",
    },
  ],

  async connect({ contractTerm, allowRecruiterApplies, ...values }) {
    const diceId = lineIn(values, "diceId");
    const secret = { username: lineIn(values, "username"), password: lineIn(values, "password") };
    return {
      externalId: diceId.toLowerCase(),
      displayName: `Dice ID ${diceId}`,
      settings: {
        diceId,
        contactEmail: emailIn(values, "contactEmail"),
        ...(contractTerm !== undefined && { contractTerm }),
        ...(allowRecruiterApplies !== undefined && { allowRecruiterApplies }),
      },
      secret,
    };
  },

  authorization: () => null,
  fillIn,
  // Nothing of Dice's is called: the login goes with the mail.
  origins: () => [],
  revocation: {
    kind: "none",
    reason:
      "Dice has no way for a program to end a batch login. It is destroyed here; Dice ends it on request. Jobs stay at Dice until a file comes without them.",
  },
};

/** @throws {IntegrationError} INVALID_INPUT for what does not fit into one line of a mail */
function lineIn(values: Values, name: string): string {
  const line = (values[name] ?? "").trim();
  if (/^[\x20-\x7e]+$/.test(line)) return line;
  throw new IntegrationError("INVALID_INPUT", "This has letters that Dice's batch logins and ids do not have", {
    field: [name],
  });
}

/** @throws {IntegrationError} INVALID_INPUT */
function emailIn(values: Values, name: string): string {
  const read = z.email().safeParse((values[name] ?? "").trim());
  if (read.success) return read.data;
  throw new IntegrationError("INVALID_INPUT", "This is no e-mail address", { field: [name] });
}
