import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetchFor } from "../../account-fetch.ts";
import type { Credentials, ProvenIdentity } from "../../provider.ts";
import { boostLevels } from "./boost.ts";
import { readJob } from "./client.ts";

/** How a key goes into the header: as it is, or as the user name of Basic authentication. Which one, ZipRecruiter's page leaves open. */
const keyForms = {
  raw: (key: string) => key,
  userName: (key: string) => Buffer.from(`${key}:`).toString("base64"),
} as const;
type KeyForm = keyof typeof keyForms;

/** A partner's key, ours or a customer's own, and the employer that jobs are posted for. */
export const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  takesOperatorKey: true,
  serverUrl: "https://api.ziprecruiter.com/",
  fields: [
    {
      name: "employerId",
      label: "Employer id",
      kind: "TEXT",
      required: true,
      options: [],
      help: "The name under which ZipRecruiter keeps the company's jobs and job slots, as agreed with ZipRecruiter. It never changes.",
    },
    {
      name: "apiKey",
      label: "API key",
      kind: "SECRET",
      required: true,
      options: [],
      help: "A key of the Partner Platform. ZipRecruiter's ATS integrations team gives it: atsintegrations@ziprecruiter.com.",
    },
    {
      name: "webhookKey",
      label: "Webhook signing key",
      kind: "SECRET",
      required: false,
      options: [],
      help: "The key with which ZipRecruiter signs applications, when the API key is the company's own.",
    },
    {
      name: "boost",
      label: "TrafficBoost",
      kind: "CHOICE",
      required: false,
      options: boostLevels,
      help: "Which one a job gets that asks for a boost: single when nothing is chosen. It costs money, and is not taken back.",
    },
  ],

  async connect({ serverUrl = "", ...values }, open) {
    const employerId = requiredOf(values, "employerId");
    const apiKey = requiredOf(values, "apiKey");
    const { webhookKey, boost } = values;
    const keyForm = await provenForm(apiKey, serverUrl, open);
    return {
      externalId: employerId,
      displayName: employerId,
      settings: { serverUrl, employerId, ...(boost !== undefined && { boost }) },
      secret: { apiKey, keyForm, ...(webhookKey !== undefined && { webhookKey }) },
    };
  },

  authorization: ({ apiKey = "", keyForm }) => headerOf(apiKey, keyForm === "userName" ? keyForm : "raw"),
  origins: ({ serverUrl = "" }) => [serverUrl],
  revocation: {
    kind: "none",
    reason:
      "ZipRecruiter has no way for a partner to end a key. A key that was entered is destroyed here; ZipRecruiter ends it on request.",
  },
};

/** The form in which ZipRecruiter takes the key, found by asking for a job that there is not. */
async function provenForm(key: string, serverUrl: string, open: AccountFetchFor): Promise<KeyForm> {
  const takes = async (form: KeyForm) => {
    const fetch = open({ authorization: headerOf(key, form), origins: [serverUrl] });
    await readJob({ fetch, settings: { serverUrl } }, "no-such-job");
    return form;
  };
  try {
    return await takes("raw");
  } catch (error) {
    if (!isIntegrationError(error, "CREDENTIALS_REJECTED")) throw error;
    return takes("userName");
  }
}

function headerOf(key: string, form: KeyForm): string {
  return `Basic ${keyForms[form](key)}`;
}

/** @throws {IntegrationError} INVALID_INPUT for what cannot stand in a header or a field of one line */
function requiredOf(values: Readonly<Record<string, string>>, name: string): string {
  const value = (values[name] ?? "").trim();
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw new IntegrationError("INVALID_INPUT", "This has letters that ZipRecruiter's keys and ids do not have", {
    field: [name],
  });
}
