import { IntegrationError } from "../../../errors.ts";
import type { CredentialField, Credentials, ProvenIdentity } from "../../provider.ts";

const field = (name: string, label: string, kind: CredentialField["kind"], help: string): CredentialField => ({
  name,
  label,
  kind,
  required: kind === "URL" || name === "publisher",
  options: [],
  help,
});

/** There is nothing to prove: a feed is ours, and readers come to it. What is entered stands in it. */
export const auth: Credentials<ProvenIdentity> = {
  kind: "credentials",
  fields: [
    field("publisher", "Publisher", "TEXT", "Who publishes the jobs: readers see it at the head of the feed."),
    field("publisherUrl", "Publisher's web site", "URL", "An address such as https://www.example.com."),
    field(
      "sourceName",
      "Source name",
      "TEXT",
      "What Indeed calls the source of these jobs. It never changes, and each feed has its own. The publisher when left out.",
    ),
    field(
      "linkedInCompanyId",
      "LinkedIn company id",
      "TEXT",
      "The number in the address of the company page's admin view. Without it there is no feed for LinkedIn.",
    ),
  ],
  async connect({ publisher = "", publisherUrl = "", sourceName = "", linkedInCompanyId = "" }) {
    const name = publisher.trim();
    if (name === "") throw refused("publisher", "A feed has a publisher", "Say who publishes the jobs.");
    const source = sourceName.trim();
    const settings = {
      publisher: name,
      publisherUrl: webSite(publisherUrl.trim()),
      sourceName: source,
      linkedInCompanyId: companyNumber(linkedInCompanyId.trim()),
    };
    const displayName = source || name;
    return { externalId: displayName.toLowerCase(), displayName, settings, secret: {} };
  },
  authorization: () => null,
  origins: () => [],
  revocation: {
    kind: "none",
    reason: "There is no access to end. The feed's addresses lead nowhere any more: readers take its jobs off.",
  },
};

function webSite(entered: string): string {
  const url = URL.canParse(entered) ? new URL(entered) : null;
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url.href;
  throw refused(
    "publisherUrl",
    "This is no address of a web site",
    "Enter an address such as https://www.example.com.",
  );
}

function companyNumber(entered: string): string {
  if (/^\d{0,20}$/.test(entered)) return entered;
  throw refused("linkedInCompanyId", "LinkedIn's companies have a number", "Enter its digits alone, or nothing.");
}

function refused(name: string, message: string, remedy: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, { field: [name], remedy });
}
