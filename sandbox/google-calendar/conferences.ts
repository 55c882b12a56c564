import { createHash } from "node:crypto";
import type { GoogleEvent } from "./state.ts";

interface ConferenceData {
  readonly createRequest?: { readonly requestId?: string; readonly status?: { readonly statusCode: string } };
}

/** One that is asked for is pending; asking twice with the same id is asking once. */
export function requestedConference(before: unknown, value: unknown): unknown {
  const data = structuredClone(value) as ConferenceData;
  if (!data.createRequest) return data;
  if ((before as ConferenceData | undefined)?.createRequest?.requestId === data.createRequest.requestId) return before;
  return { ...data, createRequest: { ...data.createRequest, status: { statusCode: "pending" } } };
}

/** Gives a pending conference its link. @returns whether there was one */
export function settleConference(event: GoogleEvent): boolean {
  const data = event["conferenceData"] as ConferenceData | undefined;
  if (data?.createRequest?.status?.statusCode !== "pending") return false;
  const code = createHash("sha1").update(event.id).digest("hex").replace(/\d/g, "x");
  const uri = `https://meet.google.com/${code.slice(0, 3)}-${code.slice(3, 7)}-${code.slice(7, 10)}`;
  event["conferenceData"] = {
    ...data,
    createRequest: { ...data.createRequest, status: { statusCode: "success" } },
    conferenceId: uri.split("/").at(-1),
    conferenceSolution: { key: { type: "hangoutsMeet" }, name: "Google Meet" },
    entryPoints: [{ entryPointType: "video", uri, label: uri.replace("https://", "") }],
  };
  event["hangoutLink"] = uri;
  return true;
}
