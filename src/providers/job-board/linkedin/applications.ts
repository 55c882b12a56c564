import type { BoardApplications } from "../applications.ts";
import { fetchMedia } from "./media.ts";
import { newsIn, readSentApplication } from "./message.ts";
import { receivedApplicationOf } from "./received-application.ts";
import { handshake, prove } from "./signature.ts";

/** Apply Connect. https://learn.microsoft.com/en-us/linkedin/talent/apply-connect */
export const applications: BoardApplications = {
  accountNameOf: ({ developerApplication }) => developerApplication ?? null,
  handshake,
  prove,
  read: ({ body }) => newsIn(body),
  parse: (body, job) => receivedApplicationOf(readSentApplication(body), job),
  fetchFile: fetchMedia,
  repeatDays: 120,
};
