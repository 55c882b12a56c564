import { fileTypeFromBuffer } from "file-type";
import { IntegrationError } from "../errors.ts";

/** As many bytes as a file of an application may have: 10 MiB. */
export const maxFileBytes = 10 * 1024 * 1024;

/** What an applicant's document may be, and how its name ends. */
const documents: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  // Microsoft's older formats all begin alike.
  "application/x-cfb": "doc",
  "application/rtf": "rtf",
  "application/vnd.oasis.opendocument.text": "odt",
  "image/png": "png",
  "image/jpeg": "jpg",
};
const text = { contentType: "text/plain", extension: "txt" } as const;

export interface DocumentType {
  readonly contentType: string;
  /** Without a dot. */
  readonly extension: string;
}

/**
 * What a file is, by its bytes: what the sender calls it proves nothing.
 *
 * @throws {IntegrationError} INVALID_INPUT for what is empty, too large, or no document
 */
export async function documentTypeOf(content: Buffer): Promise<DocumentType> {
  if (content.length === 0) throw refused("The file is empty");
  if (content.length > maxFileBytes) throw refused("The file is larger than 10 MiB");
  const found = await fileTypeFromBuffer(content);
  if (!found) {
    if (isText(content)) return text;
    throw refused("The file is no document of a known kind");
  }
  const extension = documents[found.mime];
  if (extension === undefined) throw refused(`A file of the kind ${found.mime} is no document`);
  return { contentType: found.mime === "application/x-cfb" ? "application/msword" : found.mime, extension };
}

/** A name that a file may safely have: its own, without a way to it and with the ending that its bytes call for. */
export function safeFileName(given: string | null, fallback: string, extension: string): string {
  const last = (given ?? "").split(/[/\\]/).at(-1) ?? "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed.
  const clean = last.replace(/[\u0000-\u001f\u007f"<>|:*?\u202a-\u202e\u2066-\u2069]/g, "").trim();
  const stem =
    clean
      .replace(/\.[^.]{1,5}$/, "")
      .replace(/^\.+/, "")
      .slice(0, 100) || fallback;
  return `${stem}.${extension}`;
}

/** UTF-8 without a zero, and no page that a browser would run. */
function isText(content: Buffer): boolean {
  if (content.includes(0)) return false;
  try {
    return !/^\s*<(!doctype|html|script|svg)/i.test(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    return false;
  }
}

function refused(message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, {
    remedy:
      "Ask the applicant for it in another form: PDF, Word, OpenDocument, RTF, plain text, PNG or JPEG, up to 10 MiB.",
  });
}
