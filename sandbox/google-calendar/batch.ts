import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import { ApiError } from "./errors.ts";

export interface BatchSwitches {
  /** Documented; other pages of Google's say 50. */
  maxBatchCalls: number;
  /** Answers come in any order, which clients only notice when it is another one. */
  batchAnswers: "in order" | "reversed";
}

interface Part {
  readonly contentId: string | null;
  /** Null when it cannot be read. */
  readonly call: TwinRequest | null;
}

/** Several calls in one, each answered as if it had come alone. https://developers.google.com/workspace/calendar/api/guides/batch */
export async function answerBatch(
  request: TwinRequest,
  switches: BatchSwitches,
  answer: (call: TwinRequest) => Promise<TwinReply>,
): Promise<TwinReply> {
  const parts = partsOf(request);
  if (parts.length === 0)
    return replyOf(new ApiError(400, "badRequest", "Failed to parse batch request, error: 0 items."));
  const answers: string[] = [];
  for (const [index, { contentId, call }] of parts.entries()) {
    const reply = await answerOf(call, index < switches.maxBatchCalls, answer);
    answers.push(writtenPart(contentId, reply));
  }
  if (switches.batchAnswers === "reversed") answers.reverse();
  const boundary = `batch_${randomUUID()}`;
  return {
    status: 200,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
    body: `${answers.map((part) => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`,
  };
}

async function answerOf(
  call: TwinRequest | null,
  isWithinLimit: boolean,
  answer: (call: TwinRequest) => Promise<TwinReply>,
): Promise<TwinReply> {
  // Drive's words (googleapis/google-api-python-client#2201); whether Calendar says the same is unverified.
  if (!isWithinLimit) {
    return replyOf(new ApiError(403, "forbidden", "Exceeds allowed inner batch requests soft limit. Please retry."));
  }
  if (!call) return replyOf(new ApiError(400, "badRequest", "Bad Request"));
  return answer(call);
}

function partsOf({ headers, body, query }: TwinRequest): readonly Part[] {
  const [, quoted, plain] =
    /^multipart\/mixed;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(headers["content-type"] ?? "") ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return [];
  const outer = Object.entries(headers).filter(([name]) => !name.startsWith("content-") && name !== "host");
  const [, ...pieces] = `\n${body.replaceAll("\r\n", "\n")}`.split(`\n--${boundary}`);
  const end = pieces.findIndex((piece) => piece.startsWith("--"));
  return pieces.slice(0, end === -1 ? pieces.length : end).map((piece) => partOf(piece, outer, query));
}

function partOf(text: string, outer: readonly [string, string][], outerQuery: URLSearchParams): Part {
  const [head = "", request = "", ...body] = text.trimStart().split("\n\n");
  const own = headersOf(head.split("\n"));
  const [line = "", ...lines] = request.trimStart().split("\n");
  const contentId = own["content-id"] ?? null;
  // Whole addresses are not allowed, so a part cannot lead to another server.
  const [, method, target] = /^([A-Z]+) (\/[^/]\S*)(?: HTTP\/1\.\d)?$/.exec(line.trim()) ?? [];
  const isHttp = own["content-type"]?.startsWith("application/http") === true;
  if (!isHttp || method === undefined || target === undefined) return { contentId, call: null };
  const url = new URL(target, "http://batch");
  for (const [name, value] of outerQuery) if (!url.searchParams.has(name)) url.searchParams.append(name, value);
  const call = {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: { ...Object.fromEntries(outer), ...headersOf(lines) },
    body: body.join("\n\n").trim(),
  };
  return { contentId, call };
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const pairs = lines.flatMap((line) => {
    const at = line.indexOf(":");
    return at < 1 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]];
  });
  return Object.fromEntries(pairs);
}

function writtenPart(contentId: string | null, { status, headers = {}, body = "" }: TwinReply): string {
  const answerId = contentId?.startsWith("<") ? `<response-${contentId.slice(1)}` : `response-${contentId}`;
  return [
    "Content-Type: application/http",
    ...(contentId === null ? [] : [`Content-ID: ${answerId}`]),
    "",
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}

function replyOf({ status, body }: ApiError): TwinReply {
  return json(status, body);
}
