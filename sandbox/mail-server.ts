import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

/** What a mail server was given to deliver. */
export interface DeliveredMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The whole message as it came (RFC 5322). */
  readonly bytes: Buffer;
}

/**
 * Ways in which a mail server fails.
 *
 * - `down`: hangs up on whoever calls.
 * - `busy`: takes nothing now (451), `full`: nothing that is so large (552), `refused`: nothing for this recipient (550).
 * - `unauthorized`: no longer knows the login (535).
 * - `cut-off`: hangs up before it has the whole mail.
 * - `answer-lost`: has the whole mail, delivers it, and hangs up without saying so.
 */
export type MailFault = "down" | "busy" | "full" | "refused" | "unauthorized" | "cut-off" | "answer-lost";

/** As the operator of the service has it. */
const login = { user: "sandbox", password: "sandbox-mail" };
const from = "jobs@sandbox.example";

/** The operator's own mail server, on this machine: nothing leaves it, whoever a mail is for. */
export class MailServer {
  private readonly server: SMTPServer;
  private readonly sockets = new Map<number, Socket>();
  private readonly faults: { readonly fault: MailFault; left: number }[] = [];
  private port = 0;

  constructor(private readonly deliver: (mail: DeliveredMail) => Promise<void>) {
    this.server = new SMTPServer({
      banner: "A stand-in on this machine",
      disabledCommands: ["STARTTLS"],
      // Nobody listens on the way: it is the loopback.
      allowInsecureAuth: true,
      closeTimeout: 100,
      onConnect: (session, done) => (this.meets("down") ? this.hangUp(session) : done()),
      onAuth: ({ username, password }, _session, done) => {
        const isKnown = username === login.user && password === login.password && !this.meets("unauthorized");
        done(isKnown ? null : refusal(535, "Authentication credentials invalid"), { user: username });
      },
      onRcptTo: (_address, _session, done) => {
        if (this.meets("busy")) return done(refusal(451, "Try again later"));
        if (this.meets("full")) return done(refusal(552, "Message size exceeds fixed maximum message size"));
        done(this.meets("refused") ? refusal(550, "No such recipient") : null);
      },
      onData: (stream, session, done) => {
        if (this.meets("cut-off")) return this.hangUp(session);
        buffer(stream)
          .then((bytes) => this.deliver({ ...envelopeOf(session), bytes }))
          .then(() => (this.meets("answer-lost") ? this.hangUp(session) : done()), done);
      },
    });
    // Who hangs up is no error of the server's.
    this.server.on("error", () => {});
  }

  /** @param port where it listens; a free one for 0, and when it is taken */
  async listen(port: number): Promise<void> {
    const { server } = this.server;
    server.on("connection", (socket: Socket) => {
      const { remotePort = 0 } = socket;
      this.sockets.set(remotePort, socket);
      socket.once("close", () => this.sockets.delete(remotePort));
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening").catch(async () => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    });
    this.port = (server.address() as AddressInfo).port;
  }

  /** What the service has to be configured with to use it. */
  get settings(): Readonly<Record<string, string>> {
    const { user, password } = login;
    return { SMTP_URL: `smtp://${user}:${password}@127.0.0.1:${this.port}`, SMTP_FROM: from };
  }

  /** @param times how often; until `recover` when it is left out */
  fail(fault: MailFault, { times = Number.POSITIVE_INFINITY }: { readonly times?: number } = {}): void {
    this.faults.push({ fault, left: times });
  }

  recover(): void {
    this.faults.splice(0);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets.values()) socket.destroy();
    await new Promise<void>((closed) => this.server.close(closed));
  }

  private meets(fault: MailFault): boolean {
    const armed = this.faults.find((one) => one.fault === fault && one.left > 0);
    if (armed) armed.left -= 1;
    return armed !== undefined;
  }

  private hangUp({ remotePort }: SMTPServerSession): void {
    this.sockets.get(remotePort)?.destroy();
  }
}

function envelopeOf({ envelope: { mailFrom, rcptTo } }: SMTPServerSession): Omit<DeliveredMail, "bytes"> {
  return { from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address) };
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
