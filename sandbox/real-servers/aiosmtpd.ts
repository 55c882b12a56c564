import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

/** `apt-get install python3-aiosmtpd` */
export const aiosmtpdIsInstalled = isInstalled("aiosmtpd");

export const aiosmtpdLogin = { user: "ana", password: "s3cret/of:ana" } as const;

/** A mail as the server has it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Whether it came encrypted. */
  readonly encrypted: boolean;
  /** Who logged in. */
  readonly user: string | null;
  /** The whole message as it came. */
  readonly bytes: Buffer;
}

export interface Aiosmtpd extends ServerProcess {
  readonly port: number;
  /** The oldest first. */
  taken(): Promise<readonly TakenMail[]>;
}

export interface AiosmtpdOptions {
  /** PEM. It wants encryption then, with STARTTLS (RFC 3207), before anything else. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** It speaks TLS from the first byte instead; it asks for no login then. */
  readonly isEncryptedFromTheBeginning?: boolean;
  /** The largest mail that it takes. */
  readonly maxBytes?: number;
}

/** A mail server of Python's, which takes mail from whoever logs in, and keeps it. */
export async function startAiosmtpd({
  certificate,
  isEncryptedFromTheBeginning = false,
  maxBytes,
}: AiosmtpdOptions = {}): Promise<Aiosmtpd> {
  let folder = "";
  const server = await startServerProcess(
    // It finds the keeper where Python looks for modules, and its folder is there only now.
    "/bin/sh",
    async (own, port) => {
      folder = own;
      await writeFile(join(folder, "keeper.py"), keeper);
      const kind = isEncryptedFromTheBeginning ? "smtps" : "tls";
      const paths = [`--${kind}cert`, join(folder, "cert.pem"), `--${kind}key`, join(folder, "key.pem")];
      const tls = certificate ? paths : [];
      if (certificate) {
        await writeFile(join(folder, "cert.pem"), certificate.cert);
        await writeFile(join(folder, "key.pem"), certificate.key);
      }
      const { user, password } = aiosmtpdLogin;
      const size = maxBytes === undefined ? [] : ["-s", String(maxBytes)];
      const args = ["-n", "-l", `127.0.0.1:${port}`, ...size, ...tls, "-c", "keeper.Keeper", folder, user, password];
      return ["-c", 'PYTHONPATH="$0" exec aiosmtpd "$@"', folder, ...args];
    },
    { answers: listens },
  );
  return {
    ...server,
    port: Number(new URL(server.url).port),
    async taken() {
      const numbers = (await readdir(folder)).flatMap((name) =>
        name.endsWith(".json") ? [Number.parseInt(name, 10)] : [],
      );
      return Promise.all(
        numbers
          .sort((one, other) => one - other)
          .map(async (number) => ({
            ...(JSON.parse(await readFile(join(folder, `${number}.json`), "utf8")) as Omit<TakenMail, "bytes">),
            bytes: await readFile(join(folder, `${number}.eml`)),
          })),
      );
    },
  };
}

async function listens(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What it does with mail: https://aiosmtpd.aio-libs.org/en/latest/handlers.html */
const keeper = `
import base64, json, os
from aiosmtpd.smtp import AuthResult

class Keeper:
    def __init__(self, folder, user, password):
        self.folder, self.login, self.count = folder, [user, password], 0

    @classmethod
    def from_cli(cls, parser, *args):
        return cls(*args)

    async def auth_PLAIN(self, server, args):
        _, *login = base64.b64decode(args[1]).decode().split("\\0")
        if login != self.login:
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=login[0])

    async def handle_DATA(self, server, session, envelope):
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        self.count += 1
        path = os.path.join(self.folder, str(self.count))
        with open(path + ".eml", "wb") as file:
            file.write(envelope.original_content)
        about = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": session.ssl is not None,
            "user": session.auth_data,
        }
        with open(path + ".json", "w") as file:
            json.dump(about, file)
        return "250 2.0.0 Taken"
`;
