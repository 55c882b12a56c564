import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

/** `apt-get install radicale` */
export const radicaleIsInstalled = isInstalled("radicale");

export interface Radicale extends ServerProcess {
  /** Holds from the next request on. */
  changePasswords(passwords: Readonly<Record<string, string>>): Promise<void>;
}

/** A CalDAV server with the accounts `alice` and `bob`, the latter with a password that is not ASCII. */
export async function startRadicale(): Promise<Radicale> {
  let users = "";
  const changePasswords = (passwords: Readonly<Record<string, string>>) =>
    writeFile(
      users,
      Object.entries(passwords)
        .map(([name, password]) => `${name}:${password}\n`)
        .join(""),
    );

  const server = await startServerProcess("radicale", async (folder, port) => {
    users = join(folder, "users");
    await changePasswords(radicalePasswords);
    return [
      ...["-C", "", "--server-hosts", `127.0.0.1:${port}`, "--logging-level", "error"],
      ...["--auth-type", "htpasswd", "--auth-htpasswd-encryption", "plain", "--auth-delay", "0"],
      ...["--auth-htpasswd-filename", users, "--storage-filesystem-folder", join(folder, "data")],
    ];
  });
  return { ...server, changePasswords };
}

export const radicalePasswords = { alice: "s3cret-of-alice", bob: "gehéim-日本" } as const;
