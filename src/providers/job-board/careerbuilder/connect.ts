import { IntegrationError } from "../../../errors.ts";
import type { CredentialField, Credentials, ProvenIdentity } from "../../provider.ts";
import type { Job } from "../job.ts";
import type { BoardAccount } from "../provider.ts";
import { fillIn, processJob, refusedBy, tellsOf } from "./client.ts";

const fromContract = "As the contract with CareerBuilder gives it.";

/** A login of the customer's contract. It stands in the text of each job. */
export const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  fields: [
    field("vendorId", "Vendor id", "TEXT"),
    field("accountCode", "Customer account code", "TEXT"),
    field("userName", "User name", "TEXT"),
    field("password", "Password", "SECRET"),
    {
      ...field("companyProfile", "Company profile", "TEXT"),
      required: false,
      help: "The name of the company's profile at CareerBuilder, where there is one.",
    },
  ],

  async connect({ serverUrl = "", password = "", userName = "", ...values }, open) {
    const [vendorId, accountCode, name] = [values["vendorId"], values["accountCode"], userName].map((text) =>
      text?.trim(),
    );
    const companyProfile = values["companyProfile"]?.trim();
    const settings = {
      serverUrl,
      vendorId: vendorId ?? "",
      accountCode: accountCode ?? "",
      ...(companyProfile && { companyProfile }),
    };
    const secret = { userName: name ?? "", password };
    const fetch = open({ authorization: null, origins: [serverUrl], fillIn: (message) => fillIn(message, secret) });
    await tryOut({ fetch, settings });
    return { externalId: settings.accountCode.toLowerCase(), displayName: settings.accountCode, settings, secret };
  },

  authorization: () => null,
  fillIn,
  origins: ({ serverUrl = "" }) => [serverUrl],
  revocation: {
    kind: "none",
    reason:
      "CareerBuilder has no way for a program to end a login. It is destroyed here; CareerBuilder ends it on request.",
  },
};

/** Takes off a job that there is not: that needs the login, and changes nothing. */
export async function tryOut(caller: Pick<BoardAccount, "fetch" | "settings">): Promise<void> {
  const answer = await processJob(caller, "delete", { externalReference: "no-such-job" } as Job);
  if (answer.errors.length === 0 || tellsOf("isNotThere", answer)) return;
  const { message, remedy } = refusedBy(answer);
  throw new IntegrationError("CREDENTIALS_REJECTED", message, { remedy });
}

function field(name: string, label: string, kind: "TEXT" | "SECRET"): CredentialField {
  return { name, label, kind, required: true, options: [], help: fromContract };
}
