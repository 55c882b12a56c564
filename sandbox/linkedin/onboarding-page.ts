import { asText, page, standInNote } from "../html-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import type { StoredOrganization } from "./state.ts";

/** The widget in which a customer's administrator lets a partner post the company's jobs. */
export function answerOnboardingPage(
  { method, body }: TwinRequest,
  organizations: ReadonlyMap<string, StoredOrganization>,
): TwinReply {
  const form = new URLSearchParams(body);
  const organization = organizations.get(form.get("organization") ?? "");
  const note = standInNote("LinkedIn");
  if (method === "POST" && organization) {
    organization.isOnboarded = true;
    organization.notifiesApplicants = form.has("notifiesApplicants");
    const { name, urn, contract } = organization;
    const urns = `<p>Company: <code id="organization">${asText(urn)}</code></p><p>Contract: <code id="contract">${asText(contract)}</code></p>`;
    return html(200, page("LinkedIn: onboarding", `${note}<h1>${asText(name)} is ready</h1>${urns}`));
  }
  const buttons = [...organizations.values()].map(
    ({ urn, name }) => `<p><button name="organization" value="${asText(urn)}">${asText(name)}</button></p>`,
  );
  return html(
    200,
    page(
      "LinkedIn: onboarding",
      `${note}<h1>Let your recruiting system post jobs</h1><form method="post">
<label><input type="checkbox" name="notifiesApplicants" checked> Applicant notifications</label>
${buttons.join("\n") || "<p>There is no company yet.</p>"}</form>`,
    ),
  );
}
