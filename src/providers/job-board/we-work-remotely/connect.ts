import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetchFor } from "../../account-fetch.ts";
import type { Credentials, ProvenIdentity } from "../../provider.ts";
import { categoryNames } from "./categories.ts";
import { readJob } from "./client.ts";

/** The realm of its challenge is `Token`; how the header then names the token, We Work Remotely's page leaves open. */
const headerForms = {
  token: (token: string) => `Token token=${token}`,
  bearer: (token: string) => `Bearer ${token}`,
} as const;
type HeaderForm = keyof typeof headerForms;

/** A token of the company's own, the address that posts in its name, and where its jobs are listed. */
export const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  serverUrl: "https://weworkremotely.com/",
  fields: [
    {
      name: "posterEmail",
      label: "E-mail of the poster",
      kind: "TEXT",
      required: true,
      options: [],
      help: "The address under which the company posts at We Work Remotely. The integration is known by it, and jobs without a contact of their own have it.",
    },
    {
      name: "apiKey",
      label: "API token",
      kind: "SECRET",
      required: true,
      options: [],
      help: "We Work Remotely gives it by mail to companies that want to post by its API: weworkremotely.com/api says whom to ask.",
    },
    {
      name: "category",
      label: "Category",
      kind: "CHOICE",
      required: false,
      options: categoryNames,
      help: "Where jobs are listed that do not name a category: All Other Remote when nothing is chosen.",
    },
  ],

  async connect({ serverUrl = "", posterEmail = "", apiKey = "", category }, open) {
    const email = readEmail(posterEmail);
    const token = readToken(apiKey);
    const headerForm = await provenForm(token, serverUrl, open);
    return {
      externalId: email.toLowerCase(),
      displayName: email,
      settings: { serverUrl, posterEmail: email, ...(category !== undefined && { category }) },
      secret: { apiKey: token, headerForm },
    };
  },

  authorization: ({ apiKey = "", headerForm }) => headerForms[headerForm === "bearer" ? headerForm : "token"](apiKey),
  origins: ({ serverUrl = "" }) => [serverUrl],
  revocation: {
    kind: "none",
    reason:
      "We Work Remotely has no way for a program to end a token. It is destroyed here; We Work Remotely ends it on request.",
  },
};

/** The form in which We Work Remotely takes the token, found by asking for a job that there is not. */
async function provenForm(token: string, serverUrl: string, open: AccountFetchFor): Promise<HeaderForm> {
  const takes = async (form: HeaderForm) => {
    const fetch = open({ authorization: headerForms[form](token), origins: [serverUrl] });
    await tryOut({ fetch, settings: { serverUrl } });
    return form;
  };
  try {
    return await takes("token");
  } catch (error) {
    if (!isIntegrationError(error, "CREDENTIALS_REJECTED")) throw error;
    return takes("bearer");
  }
}

/** Asks for a job that there is not: it needs a token, and costs nothing. */
export async function tryOut(caller: Parameters<typeof readJob>[0]): Promise<void> {
  await readJob(caller, "0");
}

/** @throws {IntegrationError} INVALID_INPUT */
function readEmail(entered: string): string {
  const read = z.email().safeParse(entered.trim());
  if (read.success) return read.data;
  throw new IntegrationError("INVALID_INPUT", "This is no e-mail address", { field: ["posterEmail"] });
}

/** @throws {IntegrationError} INVALID_INPUT for what cannot stand in a header */
function readToken(entered: string): string {
  const token = entered.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new IntegrationError("INVALID_INPUT", "This has letters that tokens of We Work Remotely's do not have", {
    field: ["apiKey"],
  });
}
