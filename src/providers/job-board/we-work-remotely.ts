import { renderDescription } from "./description.ts";
import type { BoardAccount, BoardPosting, JobBoardProvider, PostingReport } from "./provider.ts";
import { checkJob } from "./we-work-remotely/check.ts";
import { cancelJob, changeJob, createJob, type RemoteJobDocument, readSkills } from "./we-work-remotely/client.ts";
import { auth, tryOut } from "./we-work-remotely/connect.ts";
import { documentOf, hasSkills } from "./we-work-remotely/document.ts";
import { currentId, findOpenIfListed } from "./we-work-remotely/lookup.ts";
import { descriptionRules, fields } from "./we-work-remotely/mapping.ts";
import { closed, gone, readStatus, reportOf } from "./we-work-remotely/status.ts";

/** We Work Remotely's API for partners: remote jobs alone, and every post costs money, a second one of the same job too. */
export const weWorkRemotely: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "WE_WORK_REMOTELY",
  name: "We Work Remotely",
  auth,
  renewal: { kind: "none", reason: "A token of We Work Remotely's is valid until We Work Remotely ends it." },
  limits: {
    description: "We Work Remotely takes 1,000 requests of a token a day.",
    perAccount: { calls: 1000, seconds: 24 * 60 * 60 },
    cost: "Each post is paid for, and shown for 30 days: about USD 299, which nobody has confirmed. Opening it again is another post.",
  },
  freshness: { floorSeconds: 300, defaultSeconds: 12 * 60 * 60 },
  route: () => "API",
  // A post ends after 30 days, and no sooner by itself.
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  cost: () => ({ money: null, unit: "post of 30 days" }),
  tryOut,

  post,
  async update(account, posting) {
    const id = await currentId(account, posting);
    const changed = id === null ? null : await changeJob(account, id, await wholeJob(account, posting));
    return changed === null ? gone(id) : reportOf(changed);
  },
  async close(account, posting) {
    const id = await currentId(account, posting);
    if (id !== null) await cancelJob(account, id, documentOf(posting, account.settings, []));
    return closed(id);
  },
  // What was canceled does not come back: it is posted anew.
  reopen: post,
  status: readStatus,
};

/** Posts a job, unless an earlier attempt has: each POST makes another one, and costs money. */
async function post(account: BoardAccount, posting: BoardPosting): Promise<PostingReport> {
  const open = await findOpenIfListed(account, posting);
  return reportOf(open ?? (await createJob(account, await wholeJob(account, posting))));
}

/** With the skills that We Work Remotely has names for. */
async function wholeJob(account: BoardAccount, posting: BoardPosting): Promise<RemoteJobDocument> {
  const skills = hasSkills(posting.job) ? await readSkills(account) : [];
  return documentOf(posting, account.settings, skills);
}
