import { faultNames, pushFaultNames } from "./faults.ts";
import { asText, page } from "./html-page.ts";
import type { Twin } from "./twin.ts";

/** What somebody sees who opens the twins' address: what they are, and how to make them do things. */
export function frontPage(origin: string, twins: readonly Twin[]): string {
  const sections = twins.map(
    (twin) => `<h2>${asText(twin.title)}</h2>
<p>Accounts: ${twin.accounts().map(asText).join(", ") || "none yet"}</p>
${Object.entries(twin.pages ?? {})
  .map(([path, purpose]) => `<p><a href="${origin}/${twin.name}${path}">${asText(purpose)}</a></p>`)
  .join("")}
<ul>${Object.keys(twin.commands)
      .map((command) => `<li><code>POST ${origin}/_control/${twin.name}/${command}</code></li>`)
      .join("")}</ul>`,
  );
  return page(
    "Stand-ins of vendors",
    `<h1>Stand-ins of vendors</h1>
<p>They play vendors that nobody can install: consent pages, tokens, APIs and messages. Everything here is made up and stays on this machine.</p>
${sections.join("\n")}
<h2>All of them</h2>
<ul>
<li><code>GET ${origin}/_control/state</code></li>
<li><code>GET ${origin}/_control/requests</code>: what the service has asked</li>
<li><code>POST ${origin}/_control/clock {"advanceMs": 3600000}</code></li>
<li><code>POST ${origin}/_control/faults {"twin": "google-calendar", "fault": "down", "times": 3}</code>; faults: ${[...faultNames, ...pushFaultNames].join(", ")}</li>
<li><code>DELETE ${origin}/_control/faults</code></li>
</ul>`,
  );
}
