import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { ClientCredentials } from "../../client-credentials.ts";
import type { ProvenIdentity } from "../../provider.ts";
import { clientRefused } from "../../token-endpoint.ts";
import type { BoardAccount } from "../provider.ts";
import { readJobStatus } from "./client.ts";

const sourceNamePattern = /^[a-z\d][a-z\d-]{0,49}$/;

/**
 * All companies are at Indeed under the operator's one client; `sourceName` parts them. It is marked with the tenant, so that
 * a name that somebody else has entered too does not lead to their jobs.
 */
export const auth: ClientCredentials<ProvenIdentity> = {
  kind: "clientCredentials",
  fields: [
    {
      name: "sourceName",
      label: "Source name",
      kind: "TEXT",
      required: true,
      options: [],
      help: "A short name of the company that never changes, of a-z, 0-9 and -: muster-ag. Indeed knows the company's jobs by it; choose it once.",
    },
    {
      name: "companyName",
      label: "Company name",
      kind: "TEXT",
      required: true,
      options: [],
      help: "As people know the company. Candidates see the name that each job has.",
    },
    {
      name: "employerId",
      label: "Employer id",
      kind: "TEXT",
      required: false,
      options: [],
      help: "The id of the company's account at Indeed, where it has one. Indeed's partner support tells it.",
    },
  ],
  endpoints: () => ({ tokenUrl: "https://apis.indeed.com/oauth/v2/tokens", apiUrl: "https://apis.indeed.com/" }),
  scopes: ["employer_access"],
  clientAuthentication: "body",

  async connect(values, { tenantMark, fetchAsOperator, apiUrl }) {
    const sourceName = `${enteredName(values)}-${tenantMark}`;
    const { companyName = "", employerId } = values;
    try {
      await tryOut({ fetch: fetchAsOperator, apiUrl, settings: {} });
    } catch (error) {
      // Nothing that a person has entered is proved by it.
      if (!isIntegrationError(error, "CREDENTIALS_REJECTED")) throw error;
      throw clientRefused("Indeed", error.providerCode ?? "UNAUTHENTICATED");
    }
    return {
      externalId: sourceName,
      displayName: companyName,
      settings: { sourceName, companyName, ...(employerId !== undefined && { employerId }) },
      secret: {},
    };
  },

  revocation: {
    kind: "none",
    reason:
      "The access is the operator's own, for all companies. Nothing of this one is left here, and its jobs stay at Indeed.",
  },
};

/** Asks for a job that there is not: it needs a token, and changes nothing. */
export async function tryOut(account: BoardAccount): Promise<void> {
  await readJobStatus(account, "no-such-job");
}

/** @throws {IntegrationError} INVALID_INPUT */
function enteredName({ sourceName = "" }: Readonly<Record<string, string>>): string {
  const entered = sourceName.trim();
  if (sourceNamePattern.test(entered)) return entered;
  throw new IntegrationError(
    "INVALID_INPUT",
    "A source name has 1 to 50 of a-z, 0-9 and -, and begins with a letter or digit",
    {
      field: ["sourceName"],
    },
  );
}
