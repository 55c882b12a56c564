import { asText, page, standInNote } from "../html-page.ts";

/** What a person sees who is asked for consent. */
export interface ConsentPage {
  readonly vendor: string;
  readonly app: string;
  readonly accounts: readonly string[];
  readonly preselected: string | null;
  readonly scopes: readonly { readonly name: string; readonly says: string; readonly canBeUnticked: boolean }[];
  /** The parameters of the request, handed on with the answer. */
  readonly parameters: URLSearchParams;
}

export function consentPage({ vendor, app, accounts, preselected, scopes, parameters }: ConsentPage): string {
  const chosen = preselected !== null && accounts.includes(preselected) ? preselected : accounts[0];
  const accountChoices = accounts.map(
    (email) =>
      `<label><input type="radio" name="account" value="${asText(email)}"${email === chosen ? " checked" : ""}> ${asText(email)}</label>`,
  );
  const scopeChoices = scopes.map(({ name, says, canBeUnticked }) => {
    const kept = `<input type="hidden" name="scope" value="${asText(name)}">`;
    const box = `<input type="checkbox" checked ${canBeUnticked ? `name="scope" value="${asText(name)}"` : "disabled"}>`;
    return `<label>${box} ${asText(says)} <small>${asText(name)}</small></label>${canBeUnticked ? "" : kept}`;
  });
  return page(
    `${vendor}: consent`,
    `${standInNote(vendor)}
<h1>${asText(app)} wants to access your ${asText(vendor)} account</h1>
<form method="post" action="?${asText(parameters.toString())}">
<fieldset><legend>Account</legend>${accountChoices.join("\n") || "<p>There is no account yet.</p>"}</fieldset>
<fieldset><legend>What it may do</legend>${scopeChoices.join("\n")}</fieldset>
<p class="buttons"><button name="answer" value="deny">Deny</button><button name="answer" value="allow" class="main">Allow</button></p>
</form>`,
  );
}

/** A request that no vendor would show a consent page for. */
export function requestErrorPage(vendor: string, code: string, says: string): string {
  return page(`${vendor}: error`, `<h1>Access blocked</h1><p>${asText(says)}</p><p><code>${asText(code)}</code></p>`);
}
