import { expect } from "vitest";
import type { GoogleAnswer, GoogleCaller, Query } from "./google-caller.ts";

export type Body = GoogleAnswer["body"];

/** Of the account that calls. */
export const events = "calendars/primary/events";

/** In December 2026. */
export const berlin = (day: number, hour: number) => ({
  dateTime: `2026-12-${String(day).padStart(2, "0")}T${String(hour).padStart(2, "0")}:00:00+01:00`,
  timeZone: "Europe/Berlin",
});
export const anHour = (day = 1, hour = 10) => ({ start: berlin(day, hour), end: berlin(day, hour + 1) });
export const daily = (count: number) => ({ ...anHour(), recurrence: [`RRULE:FREQ=DAILY;COUNT=${count}`] });

export async function insert(caller: GoogleCaller, event: object = {}): Promise<Body> {
  const answer = await caller.call("POST", events, { body: { summary: "Interview", ...anHour(), ...event } });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
}

export function patch(caller: GoogleCaller, id: string, body: object, query: Query = {}): Promise<GoogleAnswer> {
  return caller.call("PATCH", `${events}/${id}`, { body, query });
}

export function remove(caller: GoogleCaller, id: string): Promise<GoogleAnswer> {
  return caller.call("DELETE", `${events}/${id}`);
}

export async function get(caller: GoogleCaller, id: string): Promise<Body> {
  return (await caller.call("GET", `${events}/${id}`)).body;
}
