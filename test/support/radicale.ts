import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isInstalled, startVendorProcess, type VendorProcess } from "./vendor-process.ts";

/** `apt-get install radicale` */
export const radicaleIsInstalled = isInstalled("radicale");

/** A CalDAV server with the accounts `alice` and `bob`, the latter with a password that is not ASCII. */
export function startRadicale(): Promise<VendorProcess> {
  return startVendorProcess("radicale", async (folder, port) => {
    const users = join(folder, "users");
    await writeFile(users, `alice:${radicalePasswords.alice}\nbob:${radicalePasswords.bob}\n`);
    return [
      ...["-C", "", "--server-hosts", `127.0.0.1:${port}`, "--logging-level", "error"],
      ...["--auth-type", "htpasswd", "--auth-htpasswd-encryption", "plain", "--auth-delay", "0"],
      ...["--auth-htpasswd-filename", users, "--storage-filesystem-folder", join(folder, "data")],
    ];
  });
}

export const radicalePasswords = { alice: "s3cret-of-alice", bob: "gehéim-日本" } as const;
