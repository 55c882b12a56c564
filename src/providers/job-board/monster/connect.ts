import type { CredentialField, Credentials, ProvenIdentity } from "../../provider.ts";
import { type Caller, readInventory } from "./client.ts";
import { fillIn } from "./login.ts";
import { jobStatuses } from "./mapping.ts";

const inventoryTypes = ["transactional", "slotted", "areaWideTransactional", "areaWideSlotted"];

/** A login of the gateway, and the recruiter whose inventory is spent. */
export const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  serverUrl: "https://gateway.monster.com:8443/",
  fields: [
    field("userName", "Gateway user name", "Monster gives it to customers that post through its gateway."),
    { ...field("password", "Gateway password", "It comes with the user name."), kind: "SECRET" },
    field("recruiter", "Recruiter user name", "Whose postings are spent. The integration is known by it."),
    choice("inventoryType", "Inventory", inventoryTypes, "As the contract says; transactional when nothing is chosen."),
    choice("duration", "Days shown", ["30", "60"], "As the contract says; 30 when nothing is chosen."),
    optional("boardId", "Board id", "1 is production, 178 is Monster's test board. 1 when nothing is entered."),
    choice(
      "jobStatusIds",
      "Ids of JobStatus",
      Object.keys(jobStatuses),
      "For full time, part time and per diem, where Monster has given you others than 4, 5, 26.",
    ),
    {
      ...optional(
        "easyApplyKey",
        "Easy Apply key",
        "Of platformpartners@monster.com: with it candidates apply at Monster itself.",
      ),
      kind: "SECRET",
    },
  ],

  async connect({ serverUrl = "", ...values }, open) {
    const text = (name: string) => values[name]?.trim() ?? "";
    const settings = {
      serverUrl,
      recruiter: text("recruiter"),
      inventoryType: text("inventoryType") || "transactional",
      duration: text("duration") || "30",
      boardId: text("boardId") || "1",
      ...(text("jobStatusIds") !== "" && { jobStatusIds: text("jobStatusIds") }),
    };
    const key = text("easyApplyKey");
    const secret = {
      userName: text("userName"),
      password: values["password"] ?? "",
      ...(key !== "" && { easyApplyKey: key }),
    };
    const fetch = open({ authorization: null, origins: [serverUrl], fillIn: (message) => fillIn(message, secret) });
    await tryOut({ fetch, settings });
    return { externalId: settings.recruiter.toLowerCase(), displayName: settings.recruiter, settings, secret };
  },

  authorization: () => null,
  fillIn,
  origins: ({ serverUrl = "" }) => [serverUrl],
  revocation: {
    kind: "none",
    reason: "Monster has no way for a program to end a login. It is destroyed here; Monster ends it on request.",
  },
};

/** Asks how many postings are left: it needs the login, and changes nothing. */
export async function tryOut(caller: Caller): Promise<void> {
  await readInventory(caller);
}

function field(name: string, label: string, help: string): CredentialField {
  return { name, label, kind: "TEXT", required: true, options: [], help };
}

function optional(name: string, label: string, help: string): CredentialField {
  return { ...field(name, label, help), required: false };
}

function choice(name: string, label: string, options: readonly string[], help: string): CredentialField {
  return { ...optional(name, label, help), kind: "CHOICE", options };
}
