import { IntegrationError } from "../../errors.ts";
import type { Credentials, ProvenIdentity } from "../provider.ts";
import { renderDescription } from "./description.ts";
import type { JobBoardProvider } from "./provider.ts";
import { checkJob } from "./wellfound/check.ts";
import { form } from "./wellfound/form.ts";
import { descriptionRules, fields } from "./wellfound/mapping.ts";

const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  serverUrl: "https://wellfound.com/",
  fields: [
    {
      name: "company",
      label: "Company",
      kind: "TEXT",
      required: true,
      options: [],
      help: "As Wellfound knows it. The integration is known by it, and whoever is asked to post reads it.",
    },
  ],
  // Recruiters sign in at Wellfound themselves: there is nothing to prove here.
  async connect({ serverUrl = "", company = "" }) {
    const name = company.trim();
    if (name === "") throw new IntegrationError("INVALID_INPUT", "A job belongs to a company", { field: ["company"] });
    return { externalId: name.toLowerCase(), displayName: name, settings: { serverUrl, company: name }, secret: {} };
  },
  authorization: () => null,
  origins: () => [],
  revocation: { kind: "none", reason: "There is no access to end: recruiters sign in at Wellfound themselves." },
};

/** Wellfound, once AngelList Talent: it reads jobs out of a few applicant tracking systems, and all others post by hand. */
export const wellfound: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "WELLFOUND",
  name: "Wellfound",
  auth,
  renewal: { kind: "none", reason: "This service does not sign in at Wellfound." },
  limits: {
    description: "Wellfound is never called: it has no API for jobs.",
    concurrentCalls: 0,
    cost: "Posting is free, as of September 2026. Ads for a job, from USD 200, and plans for recruiters are bought at Wellfound.",
  },
  freshness: { floorSeconds: 60 * 60, defaultSeconds: 24 * 60 * 60 },
  route: () => "MANUAL",
  // A job is shown until somebody closes it.
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  manual: form,
  tryOut: async () => {},
};
