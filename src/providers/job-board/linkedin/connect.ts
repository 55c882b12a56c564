import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { ClientCredentials, Clients } from "../../client-credentials.ts";
import type { ProvenIdentity, ProvenSecret } from "../../provider.ts";
import { clientRefused, grantGone, type OAuthClient } from "../../token-endpoint.ts";
import { call, parse, readListing } from "./client.ts";

const maxNameLength = 50;
/** Applications that attempts of ours may have left behind whose secret nobody got. */
const mostOrphans = 20;

const Provisioned = z.looseObject({
  key: z.string(),
  credentials: z.looseObject({ client_id: z.string(), client_secret: z.string().optional() }),
});
const Lookup = z.looseObject({ elements: z.array(Provisioned) });

interface ChildApp {
  readonly client: OAuthClient & { readonly secret: string };
  /** `urn:li:developerApplication:{n}`; null when the client was known before. */
  readonly key: string | null;
}

/**
 * The company's own application at LinkedIn, made by ours, the parent (Provisioning API). Job calls are made in its name,
 * and jobs belong to it: connecting again keeps it for as long as LinkedIn takes its secret.
 */
export const auth: ClientCredentials<ProvenIdentity> = {
  kind: "clientCredentials",
  fields: [
    {
      name: "organization",
      label: "Company page",
      kind: "TEXT",
      required: true,
      options: [],
      help: "The URN or the number of the company's page: urn:li:organization:1234. Its administrator sees it at the end of LinkedIn's onboarding.",
    },
    {
      name: "companyName",
      label: "Company name",
      kind: "TEXT",
      required: true,
      options: [],
      help: "As people know the company. LinkedIn names the application after it.",
    },
    {
      name: "contract",
      label: "Recruiter contract",
      kind: "TEXT",
      required: false,
      options: [],
      help: "The URN or the number of the Recruiter contract, urn:li:contract:1234, for promoted jobs. Leave it out for basic ones.",
    },
    {
      name: "posterEmails",
      label: "Posters",
      kind: "TEXT",
      required: false,
      options: [],
      help: "Addresses of people with a seat in the Recruiter contract, parted by commas. A job shows the one that is its contact, else the first.",
    },
  ],
  endpoints: () => ({
    tokenUrl: "https://www.linkedin.com/oauth/v2/accessToken",
    apiUrl: "https://api.linkedin.com/",
  }),
  scopes: [],
  clientAuthentication: "body",
  explainTokenError: ({ error }) =>
    error === "invalid_client" || error === "unauthorized_client"
      ? grantGone("LinkedIn", error, "Connect LinkedIn again: the company's application there was ended.")
      : undefined,

  async connect(values, clients) {
    const organization = urnIn(values, "organization", "organization") ?? "";
    const contract = urnIn(values, "contract", "contract");
    const { companyName = "", posterEmails } = values;
    const { client, key } = (await goodAlready(clients)) ?? (await provision(clients, companyName));
    await prove(clients, client);
    if (contract !== null && !(await switchOn(clients, organization, "PREMIUM_JOB_POSTING"))) throw notOnboarded();
    return {
      externalId: organization,
      displayName: companyName,
      settings: {
        organization,
        companyName,
        ...(contract !== null && { contract }),
        ...(posterEmails !== undefined && { posterEmails }),
        ...(key !== null && { developerApplication: key }),
        applyConnect: String(await letApply(clients, organization)),
      },
      secret: { clientId: client.id, clientSecret: client.secret },
    } satisfies ProvenIdentity & ProvenSecret;
  },

  revocation: {
    kind: "none",
    reason:
      "LinkedIn has no way for a partner to end a company's application. Its secret is destroyed here; the company's administrator ends the integration at LinkedIn.",
  },
};

/** The application that was made before, if LinkedIn still takes its secret. */
async function goodAlready(clients: Clients): Promise<ChildApp | null> {
  const { known } = clients;
  if (known === null || known.secret === null) return null;
  try {
    await prove(clients, known);
    return { client: { id: known.id, secret: known.secret }, key: null };
  } catch (error) {
    if (isIntegrationError(error, "REAUTHORIZATION_REQUIRED", "CREDENTIALS_REJECTED")) return null;
    throw error;
  }
}

/**
 * Makes the company's application. LinkedIn tells its secret once: when that answer got lost, the name is taken and the
 * secret is nobody's, and another application takes its place.
 *
 * https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/provisioning-api
 */
async function provision(clients: Clients, companyName: string): Promise<ChildApp> {
  for (let orphans = 0; orphans <= mostOrphans; orphans += 1) {
    const foreignId = orphans === 0 ? clients.connectionId : `${clients.connectionId}-${orphans + 1}`;
    const made = (await create(clients, foreignId, companyName)) ?? (await lookUp(clients, foreignId));
    const secret = made?.credentials.client_secret;
    if (made && secret !== undefined) return { client: { id: made.credentials.client_id, secret }, key: made.key };
  }
  throw new IntegrationError("PROVIDER_REPLY_INVALID", "LinkedIn makes applications and does not tell their secrets");
}

/** Null when there is one of this id already. */
async function create(clients: Clients, uniqueForeignId: string, companyName: string) {
  const name = `Recruiting - ${companyName}`.slice(0, maxNameLength);
  const description = `Job postings of ${companyName}`;
  try {
    const reply = await callAsOperator(clients, "v2/provisionedApplications", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uniqueForeignId, name, description }),
    });
    return parse(Provisioned, reply);
  } catch (error) {
    if (isIntegrationError(error, "DUPLICATE")) return null;
    throw error;
  }
}

/** The guide's example does not show the secret; where LinkedIn does, nothing is lost. */
async function lookUp(clients: Clients, uniqueForeignId: string) {
  const query = new URLSearchParams({ q: "credentialsByUniqueForeignId", uniqueForeignId });
  const reply = await callAsOperator(clients, `v2/provisionedApplications?${query}`);
  return parse(Lookup, reply).elements[0] ?? null;
}

/** Whether candidates can apply at LinkedIn. A company that has not agreed to that, or may not, posts jobs all the same. */
async function letApply(clients: Clients, organization: string): Promise<boolean> {
  try {
    return await switchOn(clients, organization, "APPLY_CONNECT");
  } catch (error) {
    if (isIntegrationError(error, "PARTNER_APPROVAL_REQUIRED", "PROVIDER_REFUSED")) return false;
    throw error;
  }
}

/** Switches on one of LinkedIn's products for a company. @returns false when its administrator has not agreed to it */
async function switchOn(clients: Clients, organization: string, product: string): Promise<boolean> {
  const key = new URLSearchParams({
    "ids[0].integrationContext": organization,
    "ids[0].integrationType": product,
    "ids[0].tenantType": "JOBS",
    "ids[0].dataProvider": "ATS",
  }).toString();
  const reply = await callAsOperator(clients, `v2/atsIntegrations?${key}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-restli-method": "batch_partial_update" },
    body: JSON.stringify({ entities: { [key]: { patch: { $set: { integrationName: product } } } } }),
  });
  const { errors = {} } = parse(z.looseObject({ errors: z.record(z.string(), z.unknown()).optional() }), reply);
  return Object.keys(errors).length === 0;
}

function notOnboarded(): IntegrationError {
  return new IntegrationError("PREREQUISITE_MISSING", "The company has not agreed to promoted jobs at LinkedIn", {
    field: ["contract"],
    remedy: "The administrator of its page has to complete LinkedIn's onboarding first; or connect without a contract.",
  });
}

/** @throws {IntegrationError} NOT_CONFIGURED when LinkedIn refuses the operator's own application */
async function callAsOperator(
  { fetchAsOperator, apiUrl }: Clients,
  path: string,
  init?: RequestInit,
): Promise<unknown> {
  try {
    return await call(fetchAsOperator, new URL(path, apiUrl), init);
  } catch (error) {
    if (!isIntegrationError(error, "REAUTHORIZATION_REQUIRED", "CREDENTIALS_REJECTED")) throw error;
    throw clientRefused("LinkedIn", error.providerCode ?? "invalid_client");
  }
}

/** Asks for the status of a job that there is not: it needs a token, and changes nothing. */
async function prove({ fetchAs, apiUrl }: Clients, client: OAuthClient): Promise<void> {
  await readListing({ fetch: fetchAs(client), apiUrl }, "no-such-job");
}

/** @throws {IntegrationError} INVALID_INPUT */
function urnIn(values: Readonly<Record<string, string>>, field: string, type: string): string | null {
  const value = values[field]?.trim();
  if (value === undefined || value === "") return null;
  const [, number] = new RegExp(`^(?:urn:li:${type}:)?(\\d{1,20})$`).exec(value) ?? [];
  if (number !== undefined) return `urn:li:${type}:${number}`;
  throw new IntegrationError("INVALID_INPUT", `This is no URN of the form urn:li:${type}:1234`, { field: [field] });
}
