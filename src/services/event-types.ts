import * as z from "zod";
import { eventCatalogue, eventTypes } from "../events/catalogue.ts";
import type { Viewer } from "./viewer.ts";

/** A kind of event, as people see it. */
export interface EventTypeView {
  readonly type: string;
  readonly description: string;
  readonly subjectType: string | null;
  readonly dataVersion: number;
  /** JSON Schema. */
  readonly dataSchema: unknown;
}

/** Every kind of event there is. Anybody who is signed in may see them. */
export function listEventTypes(_viewer: Viewer): EventTypeView[] {
  return eventTypes.map((type) => {
    const { description, subject, dataVersion, data } = eventCatalogue[type];
    return { type, description, subjectType: subject, dataVersion, dataSchema: z.toJSONSchema(data) };
  });
}
