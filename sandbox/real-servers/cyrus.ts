import { execFileSync } from "node:child_process";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../../src/http/free-port.ts";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

const master = "/usr/sbin/cyrmaster";
const programs = "/usr/lib/cyrus/bin";
const saslpasswd = "/usr/sbin/saslpasswd2";

/** `apt-get install cyrus-imapd cyrus-caldav sasl2-bin libsasl2-modules libsasl2-modules-db` */
export const cyrusIsInstalled = [master, `${programs}/httpd`, `${programs}/imapd`, saslpasswd].every(isInstalled);

export interface Cyrus extends ServerProcess {
  /** Holds at once. The account has one calendar, `/dav/calendars/user/NAME/Default/`. */
  createAccount(username: string, password: string): Promise<void>;
}

/** A CalDAV server with the account `alice`, whose address is `alice@internal`. It schedules, and it pages. */
export async function startCyrus(): Promise<Cyrus> {
  const runner = runnerOfCyrus();
  const imapPort = await freePort();
  let passwords = "";
  const options = {
    ...runner.ids,
    env: { CYRUS_USER: runner.name },
    // On its way out it ends its whole process group, which must not be ours.
    detached: true,
  };
  const server = await startServerProcess(
    master,
    async (folder, port) => {
      passwords = join(folder, "sasldb2");
      const config = join(folder, "imapd.conf");
      const services = join(folder, "cyrus.conf");
      const folders = ["conf", "spool", "run", "run/socket"].map((name) => join(folder, name));
      for (const path of folders) await mkdir(path);
      await writeFile(config, configOf(folder));
      await writeFile(services, servicesOf(config, { port, imapPort }));
      if (runner.ids) for (const path of [folder, ...folders]) await chown(path, runner.ids.uid, runner.ids.gid);
      return ["-C", config, "-M", services, "-p", join(folder, "run/master.pid")];
    },
    options,
  );
  const createAccount = async (username: string, password: string) => {
    const args = ["-p", "-c", "-u", "localhost", "-f", passwords, username];
    execFileSync(saslpasswd, args, { ...runner.ids, input: password, stdio: ["pipe", "ignore", "ignore"] });
    await logIn(imapPort, username, password);
  };
  await createAccount("alice", cyrusPasswords.alice);
  return { ...server, createAccount };
}

export const cyrusPasswords = { alice: "s3cret-of-alice" } as const;

/** Cyrus refuses to serve as root; whoever else starts it may be the one it runs as. */
function runnerOfCyrus(): { readonly name: string; readonly ids?: { readonly uid: number; readonly gid: number } } {
  if (process.getuid?.() !== 0) return { name: userInfo().username };
  const name = "cyrus";
  const idOf = (flag: string) => Number(execFileSync("id", [flag, name]));
  return { name, ids: { uid: idOf("-u"), gid: idOf("-g") } };
}

function configOf(folder: string): string {
  const settings = {
    configdirectory: `${folder}/conf`,
    proc_path: `${folder}/run/proc`,
    mboxname_lockpath: `${folder}/run/lock`,
    defaultpartition: "default",
    "partition-default": `${folder}/spool`,
    servername: "localhost",
    allowplaintext: "yes",
    sasl_pwcheck_method: "auxprop",
    sasl_auxprop_plugin: "sasldb",
    sasl_sasldb_path: `${folder}/sasldb2`,
    sasl_mech_list: "PLAIN",
    httpmodules: "caldav",
    autocreate_users: "anyone",
    autocreate_quota: "0",
    virtdomains: "off",
    unixhierarchysep: "yes",
    altnamespace: "yes",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

function servicesOf(config: string, { port, imapPort }: { port: number; imapPort: number }): string {
  const service = (name: string, program: string, listen: number) =>
    `  ${name} cmd="${programs}/${program} -C ${config}" listen="127.0.0.1:${listen}" prefork=${name === "http" ? 1 : 0}\n`;
  return [
    `START {\n  recover cmd="${programs}/ctl_cyrusdb -C ${config} -r"\n}\n`,
    `SERVICES {\n${service("http", "httpd", port)}${service("imap", "imapd", imapPort)}}\n`,
    "EVENTS {\n}\n",
  ].join("");
}

/** The first login makes an account's mailboxes; before it every CalDAV request of the account ends in 500. */
async function logIn(port: number, username: string, password: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(10_000, () => socket.destroy(new Error("Cyrus did not answer a login")));
  const lines = createInterface({ input: socket });
  socket.on("error", () => lines.close());
  for await (const line of lines) {
    if (line.startsWith("* OK")) socket.write(`login LOGIN "${username}" "${password}"\r\n`);
    if (line.startsWith("login OK")) socket.write("logout LOGOUT\r\n");
    if (line.startsWith("logout OK")) return void socket.destroy();
    if (/^(login|logout) (NO|BAD)/.test(line)) break;
  }
  socket.destroy();
  throw new Error(`Cyrus does not let ${username} in`);
}
