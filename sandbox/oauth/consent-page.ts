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
    `<p class="note">A stand-in on this machine. Nobody at ${asText(vendor)} hears of it.</p>
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

export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${asText(title)}</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif; color: #1c2430; background: #eef1f5 }
  main { width: min(34rem, 100% - 4rem); margin: 1rem; padding: 2rem; background: #fff; border-radius: .75rem; box-shadow: 0 1px 3px #1c243033 }
  h1 { font-size: 1.35rem; line-height: 1.3 } h2 { font-size: 1.1rem }
  fieldset { margin: 1rem 0; border: 1px solid #d5dbe3; border-radius: .5rem } label { display: block; padding: .3rem 0 }
  small { color: #66707e; overflow-wrap: anywhere } .note { color: #66707e; font-size: .875rem; margin: 0 }
  .buttons { display: flex; justify-content: flex-end; gap: .75rem } code { overflow-wrap: anywhere }
  button { font: inherit; padding: .5rem 1.25rem; border-radius: .5rem; border: 1px solid #9aa5b4; background: #fff; cursor: pointer }
  button.main { background: #1f5fd0; border-color: #1f5fd0; color: #fff }
</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}

export function asText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
