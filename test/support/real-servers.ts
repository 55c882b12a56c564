import { isInstalled } from "../../sandbox/real-servers/server-process.ts";

const realServers = ["radicale", "xandikos", "chromium"];

/**
 * Says in one line which tests have to be left out on this machine, and how to get them.
 *
 * @param required whether leaving out is not allowed, as in CI
 * @throws Error when something is missing that is required
 */
export function announceRealServers(required: boolean): void {
  const missing = realServers.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const message = `Tests against ${missing.join(" and ")} are left out. To have them: apt-get install ${missing.join(" ")}`;
  if (required) throw new Error(`REQUIRE_REAL_SERVERS is set. ${message}`);
  process.stdout.write(`${message}\n`);
}
