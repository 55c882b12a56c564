const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", "#39": "'" };
const head = '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n</head><body>';

/** A body as a mailbox keeps it: what is below `<body>`. */
export function keptHtml(contentType: string, content: string): string {
  if (contentType.toLowerCase() === "text") {
    return content === "" ? "" : `<div>${asHtml(content).replaceAll(/\r?\n/g, "<br>\r\n")}</div>`;
  }
  return /<body[^>]*>([\s\S]*?)<\/body>/i.exec(content)?.[1]?.trim() ?? content;
}

/** As the API reads it back: never byte for byte what was written. */
export function shownHtml(html: string): string {
  return html === "" ? "" : `${head}\r\n${html}\r\n</body></html>\r\n`;
}

export function shownText(html: string): string {
  const text = html
    .replaceAll(/\r?\n/g, " ")
    .replaceAll(/<br\s*\/?>\s*/gi, "\r\n")
    .replaceAll(/<\/(p|div|li|tr|h\d)>\s*/gi, "\r\n")
    .replaceAll(/<a\s[^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/gi, (_, href: string, says: string) => `${says}<${href}>`)
    .replaceAll(/<(?!https?:)[^>]*>/g, "");
  return text.replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => entities[name] ?? "").trim();
}

function asHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * What Outlook puts below the text of a Teams meeting, and closes with; without its link in the body the meeting has none.
 * https://github.com/OfficeDev/microsoft-teams-library-js/issues/2844 shows one.
 */
export function joinBlock(joinUrl: string, conferenceId: string): string {
  const ruler = `<div style="overflow:hidden; white-space:nowrap">${"_".repeat(80)}</div>`;
  const link = `<a class="me-email-headline" href="${joinUrl}" id="meet_invite_block.action.join_link">Join the meeting now</a>`;
  return [
    `<br>\r\n<div class="me-email-text">\r\n${ruler}`,
    '<div><span class="me-email-text">Microsoft Teams</span></div>',
    `<div>${link}</div>`,
    `<div>Meeting ID: ${conferenceId}</div>\r\n${ruler}\r\n</div>`,
  ].join("\r\n");
}
