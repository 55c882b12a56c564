import { gunzipSync } from "node:zlib";
import PostalMime from "postal-mime";
import type { DiceSwitches } from "./switches.ts";

/** A mail with a batch, as far as it is one. */
export interface BatchMail {
  readonly subject: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly fileName: string | null;
  readonly fileBytes: number;
  /** The batch file, unpacked; null where there is none that may be read. */
  readonly file: Buffer | null;
  readonly notes: readonly string[];
}

/** Reads a mail: user name and password are all that its body has, and one attachment is the batch. */
export async function readBatchMail(bytes: Buffer, { maxAttachmentBytes }: DiceSwitches): Promise<BatchMail> {
  const { subject = "", text = "", html, attachments } = await PostalMime.parse(bytes);
  const notes: string[] = [];
  const lines = text.split(/\r?\n/).flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  const username = lineOf(lines, "username");
  const password = lineOf(lines, "password");
  if (html !== undefined) notes.push("The body is not plain text");
  if (lines.length !== 2) notes.push("The body has other lines than user name and password");
  const [attachment] = attachments;
  const fileName = attachment?.filename ?? null;
  const packed = attachment === undefined ? Buffer.alloc(0) : Buffer.from(attachment.content as ArrayBuffer);
  const mistake = mistakeIn(attachments.length, fileName ?? "", packed.length, maxAttachmentBytes);
  if (mistake) notes.push(mistake);
  const file = mistake ? null : unpacked(packed, fileName ?? "");
  if (!mistake && file === null) notes.push("The attachment cannot be unpacked");
  return { subject, username, password, fileName, fileBytes: packed.length, file, notes };
}

function lineOf(lines: readonly string[], name: string): string | null {
  const [line] = lines.filter((one) => one.toLowerCase().startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1).trim();
}

function mistakeIn(count: number, name: string, bytes: number, maxBytes: number): string | null {
  if (count !== 1) return `There are ${count} attachments instead of one`;
  if (!/^[\w.-]+\.(txt|gz)$/i.test(name)) return `The attachment is called ${name}, and not .txt or .gz`;
  return bytes > maxBytes ? `The attachment has ${bytes} bytes, and may have ${maxBytes}` : null;
}

function unpacked(bytes: Buffer, name: string): Buffer | null {
  if (!name.toLowerCase().endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    return null;
  }
}
