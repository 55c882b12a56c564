import { join } from "node:path";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

/** `apt-get install xandikos` */
export const xandikosIsInstalled = isInstalled("xandikos");

/** A CalDAV server that asks nobody for a password, with one calendar at `/user/calendars/calendar/`. */
export function startXandikos(): Promise<ServerProcess> {
  return startServerProcess("xandikos", async (folder, port) => [
    ...["--defaults", "-d", join(folder, "data"), "-l", "127.0.0.1", "-p", String(port)],
    ...["--current-user-principal", "/user/"],
  ]);
}
