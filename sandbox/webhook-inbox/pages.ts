import { asText, page } from "../html-page.ts";
import type { InboxMessage } from "./message.ts";

/** What somebody sees who has not named an inbox yet. */
export function listPage(origin: string, names: readonly string[]): string {
  const links = names.map((name) => `<li><a href="${asText(`${origin}/${name}`)}">${asText(name)}</a></li>`);
  return page(
    "Webhook inbox",
    `<h1>Webhook inbox</h1>
<p>Make an endpoint of <code>${asText(origin)}/mine</code> with <code>createWebhookEndpoint</code>, or of any other name; what is sent there is kept, and shown.</p>
<ul>${links.join("\n") || "<li>Nothing was sent yet.</li>"}</ul>`,
  );
}

interface ShownInbox {
  readonly name: string;
  readonly hasSecret: boolean;
  /** The newest first. */
  readonly messages: readonly InboxMessage[];
}

export function inboxPage({ name, hasSecret, messages }: ShownInbox): string {
  const hint = hasSecret
    ? ""
    : `<p class="note">Whether signatures hold is shown once the secret is told: <code>POST /_control/webhook-inbox/secret {"name": "${asText(name)}", "secret": "whsec_…"}</code></p>`;
  const rows = messages.map(
    (
      message,
    ) => `<details><summary>${asText(message.type ?? "no event")} <small>${asText(message.receivedAt)}${signed(message)}</small></summary>
<small>${asText(message.id)}</small>
<pre style="overflow-x:auto">${asText(readable(message.body))}</pre></details>`,
  );
  return page(
    `Webhook inbox: ${name}`,
    `<h1>Webhook inbox: ${asText(name)}</h1>${hint}${rows.join("\n") || "<p>Nothing was sent yet.</p>"}`,
  );
}

function signed({ isSigned }: InboxMessage): string {
  if (isSigned === null) return "";
  return isSigned ? ", the signature holds" : ", <strong>the signature does not hold</strong>";
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
