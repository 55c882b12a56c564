import { IntegrationError } from "../../../errors.ts";
import type { GraphEvent } from "./shapes.ts";

/** Outlook puts the invitation to an online meeting below a line of these. */
const ruler = /_{20,}/;

/** What people wrote, without the invitation that Outlook adds to it. */
export function ownText({ body, bodyPreview, isOnlineMeeting }: GraphEvent): string {
  const isText = body?.contentType?.toLowerCase() === "text";
  const text = (isText ? body?.content : bodyPreview) ?? "";
  const own = isOnlineMeeting ? (text.split(ruler, 1)[0] ?? "") : text;
  return own.replaceAll("\r\n", "\n").trimEnd();
}

/**
 * A description as a body that keeps the invitation: without it, the event would no longer be a meeting.
 *
 * @param html the body as it is, as HTML
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY when the invitation is not found in it
 */
export function bodyAroundMeeting(description: string | null, html: string): { contentType: string; content: string } {
  const line = ruler.exec(html);
  if (!line) {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Outlook's online meeting would be lost with this change", {
      field: ["description"],
      remedy: "Change the description in Outlook.",
    });
  }
  // From the outermost element that the line is in on; what comes before is what people wrote.
  const opened = html.slice(0, line.index).match(/(?:<(?:div|p|span|br)\b[^>]*>\s*)*$/i)?.[0].length ?? 0;
  const invitation = html.slice(line.index - opened);
  return { contentType: "html", content: `<html><body><div>${escaped(description ?? "")}</div>${invitation}` };
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replaceAll(/[&<>]/g, (character) => entities[character] ?? "").replaceAll("\n", "<br>");
}
