import { IntegrationError } from "../../../errors.ts";
import type { FetchedFile } from "../applications.ts";
import type { BoardAccount } from "../provider.ts";

/**
 * A file of an application, which LinkedIn keeps for 30 days. The account's token goes to LinkedIn's API alone: an address
 * elsewhere is refused by `account.fetch`.
 *
 * @throws {IntegrationError} NOT_FOUND when it is gone, FORBIDDEN when it is another company's, EGRESS_REFUSED for an address
 *   that is not the API's
 */
export async function fetchMedia(account: BoardAccount, source: string): Promise<FetchedFile> {
  const reply = await account.fetch(addressOf(source));
  if (!reply.ok) throw notGiven(reply.status);
  return {
    fileName: fileNameIn(reply.headers.get("content-disposition") ?? ""),
    contentType: reply.headers.get("content-type"),
    content: Buffer.from(await reply.arrayBuffer()),
  };
}

function addressOf(source: string): URL {
  if (URL.canParse(source)) return new URL(source);
  throw new IntegrationError("PROVIDER_REPLY_INVALID", "LinkedIn does not say where this file is", {
    retryable: false,
    remedy: "Ask the candidate for it.",
  });
}

function notGiven(status: number): IntegrationError {
  const providerCode = `HTTP ${status}`;
  if (status === 404 || status === 410) {
    return new IntegrationError("NOT_FOUND", "LinkedIn no longer has this file", {
      providerCode,
      remedy: "LinkedIn keeps files for 30 days. Ask the candidate for it.",
    });
  }
  return new IntegrationError(status === 403 ? "FORBIDDEN" : "PROVIDER_REFUSED", "LinkedIn does not give this file", {
    providerCode,
    remedy: "LinkedIn gives it to the application that the job was posted by. Ask the candidate for it.",
  });
}

/** RFC 6266: `attachment; filename="cv.pdf"; filename*=UTF-8''Z%C3%A9.pdf`. */
function fileNameIn(disposition: string): string | null {
  const [, encoded] = /filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)/i.exec(disposition) ?? [];
  const [, quoted, bare] = /filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return (encoded && decoded(encoded)) || quoted || bare || null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
