import { asText, page, standInNote } from "../html-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";

/** The account page on which people make passwords for programs, as far as anybody needs it here. */
export function answerAppPasswordPage(
  { method, body }: TwinRequest,
  vendor: string,
  accounts: readonly string[],
  create: (email: string) => string,
): TwinReply {
  const email = new URLSearchParams(body).get("account") ?? "";
  if (method === "POST" && accounts.includes(email)) {
    const said = `<p>${asText(email)} can sign in with</p><p><code id="password">${asText(create(email))}</code></p>`;
    return html(200, page(`${vendor}: a password for an app`, `<h1>A password for an app</h1>${said}`));
  }
  const buttons = accounts.map((one) => `<p><button name="account" value="${asText(one)}">${asText(one)}</button></p>`);
  const form = `<form method="post">${buttons.join("\n") || "<p>There is no account yet.</p>"}</form>`;
  const note = standInNote(vendor);
  return html(200, page(`${vendor}: passwords for apps`, `${note}<h1>Make a password for an app</h1>${form}`));
}
