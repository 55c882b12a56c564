import { aiosmtpdIsInstalled } from "../../sandbox/real-servers/aiosmtpd.ts";
import { cyrusIsInstalled } from "../../sandbox/real-servers/cyrus.ts";
import { pgbouncerIsInstalled } from "../../sandbox/real-servers/pgbouncer.ts";
import { isInstalled } from "../../sandbox/real-servers/server-process.ts";

/** By what people call it: whether it is there, and the packages it comes in. */
const realServers = [
  { name: "radicale", isThere: isInstalled("radicale"), packages: ["radicale"] },
  { name: "xandikos", isThere: isInstalled("xandikos"), packages: ["xandikos"] },
  { name: "vdirsyncer", isThere: isInstalled("vdirsyncer"), packages: ["vdirsyncer"] },
  { name: "khal", isThere: isInstalled("khal"), packages: ["khal"] },
  { name: "xmllint", isThere: isInstalled("xmllint"), packages: ["libxml2-utils"] },
  { name: "chromium", isThere: isInstalled("chromium"), packages: ["chromium"] },
  { name: "pgbouncer", isThere: pgbouncerIsInstalled, packages: ["pgbouncer"] },
  { name: "aiosmtpd", isThere: aiosmtpdIsInstalled, packages: ["python3-aiosmtpd"] },
  { name: "cyrus", isThere: cyrusIsInstalled, packages: ["cyrus-imapd", "cyrus-caldav", "sasl2-bin", "msmtp-mta"] },
];

/**
 * Says in one line which tests have to be left out on this machine, and how to get them.
 *
 * @param required whether leaving out is not allowed, as in CI
 * @throws Error when something is missing that is required
 */
export function announceRealServers(required: boolean): void {
  const missing = realServers.filter(({ isThere }) => !isThere);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(" and ");
  const packages = missing.flatMap((server) => server.packages).join(" ");
  const message = `Tests with ${names} are left out. To have them: apt-get install ${packages}`;
  if (required) throw new Error(`REQUIRE_REAL_SERVERS is set. ${message}`);
  process.stdout.write(`${message}\n`);
}
