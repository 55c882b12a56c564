import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { IntegrationError } from "../../../errors.ts";
import type { BatchMail, BoardBatch } from "../batch.ts";
import type { BoardPosting } from "../provider.ts";
import { compressedFromBytes, doctype, fileNames, maxAttachmentBytes, recipient } from "./batch-format.ts";
import { blocksOf } from "./document.ts";
import { login } from "./login.ts";

type Attachment = BatchMail["attachment"];

const compress = promisify(gzip);
/** Jobs are not all alike: those that are left when some had no room may be larger than the average. */
const safely = 0.95;

/** A total-replace file with all jobs of a company. */
export const compose: BoardBatch["compose"] = async (settings, postings) => {
  const { diceId = "", contactEmail = "" } = settings;
  const blocks = postings.map((posting) => blocksOf(posting, settings));
  const { attachment, count } = await fitting(blocks);
  const refused = postings.slice(count).map(({ id }) => [id, noRoom(postings.length, count)] as const);
  return {
    mail: {
      to: recipient,
      replyTo: contactEmail,
      subject: `Jobs of Dice ID ${diceId}`,
      text: login,
      attachment,
    },
    refused: new Map<BoardPosting["id"], IntegrationError>(refused),
  };
};

/** The file with as many of the first jobs as Dice takes in one. */
async function fitting(
  blocks: readonly string[],
): Promise<{ readonly attachment: Attachment; readonly count: number }> {
  let count = blocks.length;
  for (;;) {
    const attachment = await attachmentOf([`${doctype}\n`, ...blocks.slice(0, count)].join(""));
    const size = attachment.bytes.length;
    if (size <= maxAttachmentBytes || count === 0) return { attachment, count };
    count = Math.min(count - 1, Math.floor(count * (maxAttachmentBytes / size) * safely));
  }
}

async function attachmentOf(file: string): Promise<Attachment> {
  const bytes = Buffer.from(file, "ascii");
  if (bytes.length < compressedFromBytes) return { name: fileNames.plain, contentType: "text/plain", bytes };
  return { name: fileNames.compressed, contentType: "application/gzip", bytes: await compress(bytes) };
}

function noRoom(all: number, count: number): IntegrationError {
  return new IntegrationError("QUOTA_EXHAUSTED", `Dice takes 10 MB of jobs: ${count} of ${all} have room`, {
    retryable: false,
    remedy: "Close others, or shorten descriptions, and post it again.",
  });
}
