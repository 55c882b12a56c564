import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

/** `apt-get install radicale` */
export const radicaleIsInstalled = isInstalled("radicale");

export interface Radicale extends ServerProcess {
  /** Holds from the next request on. */
  changePasswords(passwords: Readonly<Record<string, string>>): Promise<void>;
  /** Nobody may change this calendar any more, its owner included. @param path for example `/alice/office/` */
  makeReadOnly(path: string): Promise<void>;
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

  let rights = "";
  const readOnly: string[] = [];
  const makeReadOnly = async (path: string) => {
    readOnly.push(path.replaceAll(/^\/|\/$/g, ""));
    await writeFile(rights, rightsOf(readOnly));
  };

  const server = await startServerProcess("radicale", async (folder, port) => {
    users = join(folder, "users");
    rights = join(folder, "rights");
    await changePasswords(radicalePasswords);
    await writeFile(rights, rightsOf(readOnly));
    return [
      ...["-C", "", "--server-hosts", `127.0.0.1:${port}`, "--logging-level", "error"],
      ...["--auth-type", "htpasswd", "--auth-htpasswd-encryption", "plain", "--auth-delay", "0"],
      ...["--auth-htpasswd-filename", users, "--storage-filesystem-folder", join(folder, "data")],
      ...["--rights-type", "from_file", "--rights-file", rights],
    ];
  });
  return { ...server, changePasswords, makeReadOnly };
}

/** Everybody owns what is below their own name. The first rule that fits counts. */
function rightsOf(readOnly: readonly string[]): string {
  const rules: readonly (readonly [collection: string, permissions: string])[] = [
    ["", "R"],
    ["{user}", "RW"],
    ...readOnly.map((collection) => [collection, "r"] as const),
    ["{user}/[^/]+", "rw"],
  ];
  return rules
    .map(([collection, permissions], rule) =>
      [`[rule-${rule}]`, "user: .+", `collection: ${collection}`, `permissions: ${permissions}\n`].join("\n"),
    )
    .join("\n");
}

export const radicalePasswords = { alice: "s3cret-of-alice", bob: "gehéim-日本" } as const;
