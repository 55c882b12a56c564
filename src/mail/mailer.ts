import { Readable } from "node:stream";
import nodemailer from "nodemailer";
import MailComposer from "nodemailer/lib/mail-composer";
import { startDeadline } from "../security/egress/deadline.ts";
import type { Egress } from "../security/egress.ts";
import { explainMailFailure } from "./mail-failure.ts";
import type { SmtpServer } from "./smtp-url.ts";

/** A mail as it goes out. */
export interface Mail {
  readonly to: string;
  /** Where people answer to. */
  readonly replyTo: string;
  readonly subject: string;
  readonly text: string;
  readonly attachment: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array };
}

/** The operator's mail server has taken it; or it had the whole mail, and nobody knows whether it took it. */
export type MailOutcome = "TAKEN" | "UNSURE";

/** Sends mail through the operator's own mail server. */
export interface Mailer {
  /**
   * @throws {IntegrationError} PROVIDER_UNAVAILABLE when it was not taken and may be later, NOT_CONFIGURED when the operator has
   *   to mend something, PROVIDER_REFUSED when the server refuses this mail; and the signal's reason when that fires
   */
  send(mail: Mail, signal: AbortSignal): Promise<MailOutcome>;
}

export interface MailerOptions {
  readonly server: SmtpServer;
  /** The address that mail comes from. */
  readonly from: string;
  readonly connect: Egress["mail"]["connect"];
  readonly trust: Egress["mail"]["trust"];
}

/** For a whole mail. */
const sendMs = 5 * 60_000;
/** For the server's next word. */
const silenceMs = 60_000;
const greetingMs = 20_000;
const pieceBytes = 64 * 1024;
/** What is in a mail is handed over as bytes: nothing is read from anywhere. */
const readsNothing = { disableFileAccess: true, disableUrlAccess: true } as const;

export function createMailer({ server, from, connect, trust }: MailerOptions): Mailer {
  const { host, port, encryption, login } = server;
  return {
    async send(mail, outer) {
      const bytes = await compose(mail, from);
      const deadline = startDeadline(sendMs, outer);
      const transport = nodemailer.createTransport({
        ...{ host, port, ...readsNothing },
        secure: encryption === "from-the-beginning",
        requireTLS: encryption === "starttls",
        ignoreTLS: encryption === "none",
        ...(login && { auth: { user: login.user, pass: login.password } }),
        tls: { ...trust },
        greetingTimeout: greetingMs,
        socketTimeout: silenceMs,
        getSocket: (_options, opened) => {
          connect({ host, port }, deadline.signal).then(
            (connection) => opened(null, { connection }),
            (error: Error) => opened(error),
          );
        },
      });
      let isHandedOver = false;
      const raw = Readable.from(pieces(bytes)).once("end", () => {
        isHandedOver = true;
      });
      try {
        await transport.sendMail({ envelope: { from, to: mail.to }, raw, signal: deadline.signal });
        return "TAKEN";
      } catch (error) {
        outer.throwIfAborted();
        const failure = explainMailFailure(error);
        if (failure === null) throw error;
        if (isHandedOver && !failure.isAnswer) return "UNSURE";
        throw failure.error;
      } finally {
        deadline.clear();
        transport.close();
        raw.destroy();
      }
    },
  };
}

/** The whole message (RFC 5322). */
function compose({ to, replyTo, subject, text, attachment }: Mail, from: string): Promise<Buffer> {
  const { name: filename, contentType, bytes } = attachment;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // In base64, so that no server on the way touches a line of it.
  const attachments = [{ filename, contentType, content, contentTransferEncoding: "base64" as const }];
  return new MailComposer({ from, to, replyTo, subject, text, attachments, ...readsNothing }).compile().build();
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
