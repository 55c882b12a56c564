import { countryName, payInWords, renderDescription } from "../description.ts";
import type { Job } from "../job.ts";
import { entriesIn, isPageOf, type ManualPosting, type ManualStep } from "../manual-posting.ts";
import { descriptionRules } from "./mapping.ts";

/** Remote OK's form, in which a person posts and pays. A post is paid for again every 30 days until it is ended. */
export const form: ManualPosting = {
  pageFor: ({ operation, settings: { serverUrl = "" }, postingUrl }) =>
    operation === "POST" || operation === "REOPEN" ? `${serverUrl}hire-remotely` : (postingUrl ?? serverUrl),
  entriesOf,
  checklistFor,
  daysToAct: 3,
  isPostingUrl: (url, { serverUrl = "" }) => isPageOf(serverUrl, url),
  renewal: { everyDays: 30, noticeDays: 7 },
};

function entriesOf(job: Job) {
  const { applyMethod, company, remoteCountries, salary } = job;
  return entriesIn({
    "Company name": company.name,
    Position: job.title,
    "Primary tag": job.category,
    Tags: tagsOf(job).join(", "),
    "Location restricted to": remoteCountries.length > 0 ? remoteCountries.map(countryName).join(", ") : "Worldwide",
    "Annual salary or compensation": salary && payInWords(salary),
    Benefits: job.benefits.join(", "),
    "Job description": { html: renderDescription(job, descriptionRules) },
    "Company logo": company.logoUrl,
    "Apply URL": applyMethod === "EMAIL" ? null : job.applyUrl,
    "Apply email address": applyMethod === "EMAIL" ? job.contactEmail : null,
  });
}

export function tagsOf({ boardCodes, functions, skills }: Job): readonly string[] {
  return [...new Set([...boardCodes.functions, ...functions, ...skills.required])];
}

function checklistFor({ operation, settings: { billingOwner } }: ManualStep): readonly string[] {
  const editPage = "Open the post's edit page: its link is in the mail that Remote OK sent when the post was paid for.";
  switch (operation) {
    case "POST":
    case "REOPEN":
      return [
        ...(operation === "REOPEN"
          ? ["What was ended does not come back: this is a new post, which is paid for again."]
          : []),
        "Open the form and enter what is below.",
        "Choose no more upgrades than were approved.",
        `Pay${billingOwner === undefined ? "" : `: ${billingOwner} does that`}.`,
        "Switch auto-renew off, unless the post is to be paid for again every 30 days.",
        "Confirm with the address of the post.",
      ];
    case "UPDATE":
      return [editPage, "Change what differs from what is below.", "Confirm that it is done."];
    case "CLOSE":
      return [editPage, "Close the post: that ends its renewal too.", "Confirm that it is done."];
  }
}
