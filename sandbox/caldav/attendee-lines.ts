import { unfolded } from "./calendar-object.ts";

/** Writes what became of the messages to these guests (RFC 6638 §7.3). Whatever else there is stays as it was written. */
export function withScheduleStatus(data: string, guests: ReadonlySet<string>, status: string): string {
  return withParameter(data, guests, "SCHEDULE-STATUS", status);
}

/** Writes a guest's answer, as a server does when a reply arrives. */
export function withAnswer(data: string, guest: string, partstat: string): string {
  const guests = new Set([guest.toLowerCase()]);
  return withParameter(withParameter(data, guests, "PARTSTAT", partstat), guests, "SCHEDULE-STATUS", "2.0");
}

function withParameter(data: string, guests: ReadonlySet<string>, name: string, value: string): string {
  if (guests.size === 0) return data;
  const earlier = new RegExp(`;${name}=(?:"[^"]*"|[^;:]*)`, "i");
  const lines = unfolded(data).map((line) => {
    const address = /^ATTENDEE[;:].*?mailto:([^\s;"]+)$/i.exec(line)?.[1]?.toLowerCase();
    if (address === undefined || !guests.has(address)) return line;
    const rest = line.slice("ATTENDEE".length).replace(earlier, "");
    return `ATTENDEE;${name}=${value}${rest}`;
  });
  return lines.join("\r\n");
}
