import { IntegrationError } from "../../errors.ts";
import type { Credentials, ProvenIdentity } from "../provider.ts";
import { renderDescription } from "./description.ts";
import type { JobBoardProvider, PostingReport } from "./provider.ts";
import { checkJob } from "./remote-ok/check.ts";
import { form } from "./remote-ok/form.ts";
import { descriptionRules, fields } from "./remote-ok/mapping.ts";
import { findPost, readPublicList } from "./remote-ok/public-list.ts";

const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  serverUrl: "https://remoteok.com/",
  fields: [
    {
      name: "company",
      label: "Company",
      kind: "TEXT",
      required: true,
      options: [],
      help: "As candidates see it at Remote OK. The integration is known by it.",
    },
    {
      name: "billingOwner",
      label: "Who pays",
      kind: "TEXT",
      required: false,
      options: [],
      help: "The person who pays for posts with a card: whoever is asked to post reads it.",
    },
  ],
  // There is no account to prove: posts are paid for with a card, and edited by a link in a mail.
  async connect({ serverUrl = "", company = "", billingOwner = "" }) {
    const name = company.trim();
    if (name === "") throw new IntegrationError("INVALID_INPUT", "A post names its company", { field: ["company"] });
    const payer = billingOwner.trim();
    const settings = { serverUrl, company: name, ...(payer !== "" && { billingOwner: payer }) };
    return { externalId: name.toLowerCase(), displayName: name, settings, secret: {} };
  },
  authorization: () => null,
  origins: ({ serverUrl = "" }) => [serverUrl],
  revocation: {
    kind: "none",
    reason: "There is no access to end: posts are edited by the links in Remote OK's mails.",
  },
};

/** Remote OK takes jobs in a form that is paid for with a card, and has no API for them. Its public list is read, once an hour. */
export const remoteOk: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "REMOTE_OK",
  name: "Remote OK",
  auth,
  renewal: { kind: "none", reason: "Nobody signs in at Remote OK." },
  limits: {
    description:
      "Remote OK's public list of jobs is read once an hour by each process of this service, for all postings together; nothing else is called.",
    concurrentCalls: 1,
    cost: "Each post is paid for with a card, about USD 299, which nobody has confirmed, and again every 30 days until auto-renew is switched off or the post is closed.",
  },
  freshness: { floorSeconds: 60 * 60, defaultSeconds: 12 * 60 * 60 },
  route: () => "MANUAL",
  // A post is renewed until somebody ends it.
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  cost: () => ({ money: null, unit: "post of 30 days, renewed until it is ended" }),
  manual: form,
  // There is no account that could work or not.
  tryOut: async () => {},

  async status(account, posting): Promise<PostingReport> {
    const post = findPost(await readPublicList(account, posting.now), posting);
    return {
      // The list has the newest posts alone: what is not on it may still be there.
      state: post ? "LIVE" : (posting.previousState ?? "SUBMITTED"),
      boardState: post && "listed",
      boardPostingId: post?.id ?? null,
      boardTaskId: null,
      url: posting.url ?? absolute(post?.url, account.settings),
      expiresAt: null,
      isPending: false,
      isTaken: true,
      refusal: null,
    };
  },
};

function absolute(url: string | null | undefined, { serverUrl = "" }: Readonly<Record<string, string>>): string | null {
  return url != null && URL.canParse(url, serverUrl) ? new URL(url, serverUrl).href : null;
}
