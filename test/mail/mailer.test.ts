import { inspect } from "node:util";
import PostalMime from "postal-mime";
import { describe, expect, it, onTestFinished } from "vitest";
import { type DeliveredMail, type MailFault, MailServer } from "../../sandbox/mail-server.ts";
import {
  type AiosmtpdOptions,
  aiosmtpdIsInstalled,
  aiosmtpdLogin,
  startAiosmtpd,
} from "../../sandbox/real-servers/aiosmtpd.ts";
import { createMailer, type Mail, type Mailer } from "../../src/mail/mailer.ts";
import { originOfSmtp, readSmtpUrl } from "../../src/mail/smtp-url.ts";
import { createEgress, type EgressOptions } from "../../src/security/egress.ts";
import { createCertificate } from "../support/certificate.ts";

const from = "jobs@muster.example";
/** Every byte, and what is special on the wire: lines that begin with a dot, lines that are long, and line ends of each kind. */
const bytes = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from(`\r\n.\r\n..\n.${"x".repeat(5000)}\rend`),
]);
const aMail: Mail = {
  to: "dicejobs@dice.com",
  replyTo: "ana@muster.example",
  subject: "Jobs of Müller & Söhne",
  text: "username: muster\npassword: s3cret-of-muster\n",
  attachment: { name: "jobs.txt", contentType: "text/plain", bytes },
};

function mailerFor(url: string, options: Partial<EgressOptions> = {}): Mailer {
  const server = readSmtpUrl(url);
  const egress = createEgress({ allowCidrs: [], allowedOrigins: [originOfSmtp(server)], ...options });
  onTestFinished(() => egress.close());
  return createMailer({ server, from, ...egress.mail });
}

const living = () => new AbortController().signal;
const send = (mailer: Mailer, changes: Partial<Mail> = {}) => mailer.send({ ...aMail, ...changes }, living());
const failureOf = (sending: Promise<unknown>) => sending.catch((error: unknown) => error);

async function aMailServer() {
  const delivered: DeliveredMail[] = [];
  const server = new MailServer(async (mail) => void delivered.push(mail));
  await server.listen(0);
  onTestFinished(() => server.stop());
  const url = server.settings["SMTP_URL"] ?? "";
  return { server, url, delivered, mailer: mailerFor(url) };
}

describe("sending mail", () => {
  it("hands the whole mail to the operator's mail server", async () => {
    const { mailer, delivered } = await aMailServer();
    expect(await send(mailer)).toBe("TAKEN");
    expect(delivered).toMatchObject([{ from, to: ["dicejobs@dice.com"] }]);
    const read = await PostalMime.parse(delivered[0]?.bytes ?? "");
    expect(read).toMatchObject({
      from: { address: from },
      to: [{ address: "dicejobs@dice.com" }],
      replyTo: [{ address: "ana@muster.example" }],
      subject: "Jobs of Müller & Söhne",
      attachments: [{ filename: "jobs.txt", mimeType: "text/plain" }],
    });
    expect(read.text?.trimEnd()).toBe(aMail.text.trimEnd());
    expect(Buffer.from(read.attachments[0]?.content as ArrayBuffer).equals(bytes)).toBe(true);
  });

  it.each<{ fault: MailFault; code: string; retryable: boolean; providerCode: string }>([
    { fault: "down", code: "PROVIDER_UNAVAILABLE", retryable: true, providerCode: "ECONNECTION" },
    { fault: "busy", code: "PROVIDER_UNAVAILABLE", retryable: true, providerCode: "451" },
    { fault: "unauthorized", code: "NOT_CONFIGURED", retryable: false, providerCode: "535" },
    { fault: "full", code: "PROVIDER_REFUSED", retryable: false, providerCode: "552" },
    { fault: "refused", code: "PROVIDER_REFUSED", retryable: false, providerCode: "550" },
  ])("that fails says how, with what to do, and no secret: $fault", async ({ fault, ...told }) => {
    const { server, mailer, delivered } = await aMailServer();
    server.fail(fault);
    const failure = await failureOf(send(mailer));
    expect(failure).toMatchObject({ ...told, remedy: expect.stringContaining("operator") });
    expect(inspect(failure, { depth: 10 })).not.toMatch(/sandbox-mail|s3cret-of-muster|c2FuZGJveC1tYWls/);
    expect(delivered).toEqual([]);
  });

  it.each(["answer-lost", "cut-off"] as const)(
    "of which nobody knows whether it was taken says so, and is no failure: %s",
    async (fault) => {
      const { server, mailer } = await aMailServer();
      server.fail(fault);
      expect(await send(mailer)).toBe("UNSURE");
    },
  );

  it("that breaks off before the server has all of it, was not taken", async () => {
    const { server, mailer } = await aMailServer();
    server.fail("cut-off");
    const large = { ...aMail.attachment, bytes: Buffer.alloc(9_000_000, "jobs ") };
    expect(await failureOf(send(mailer, { attachment: large }))).toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
  });

  it("to where nobody listens is tried again later", async () => {
    const { server, mailer } = await aMailServer();
    await server.stop();
    expect(await failureOf(send(mailer))).toMatchObject({ code: "PROVIDER_UNAVAILABLE", providerCode: "ECONNREFUSED" });
  });

  it("ends when the process does", async () => {
    const { mailer } = await aMailServer();
    const stopping = new AbortController();
    stopping.abort(new Error("stopping"));
    await expect(mailer.send(aMail, stopping.signal)).rejects.toThrow("stopping");
  });

  it("goes to the operator's mail server alone", async () => {
    const { url } = await aMailServer();
    const mailer = mailerFor(url, { allowedOrigins: ["http://127.0.0.1:25"] });
    expect(await failureOf(send(mailer))).toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("never goes unencrypted to another machine that offers no encryption", async () => {
    const { url, delivered } = await aMailServer();
    const elsewhere = url.replace("127.0.0.1", "mail.test");
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    const failure = await failureOf(send(mailerFor(elsewhere, { resolve })));
    expect(failure).toMatchObject({ code: "NOT_CONFIGURED", remedy: expect.stringContaining("?tls=off") });
    expect(await send(mailerFor(`${elsewhere}?tls=off`, { resolve }))).toBe("TAKEN");
    expect(delivered).toHaveLength(1);
  });
});

describe.skipIf(!aiosmtpdIsInstalled)("sending mail to aiosmtpd", () => {
  const certificate = createCertificate("mail.test");
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];

  async function aServer(options: AiosmtpdOptions = { certificate }) {
    const server = await startAiosmtpd(options);
    onTestFinished(() => server.stop());
    const { user, password } = aiosmtpdLogin;
    const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
    const urlAs = (entered: string, host = "mail.test") => `smtp://${entered}@${host}:${server.port}`;
    const trusted = { resolve, trustedCertificates: [certificate.cert] };
    return { server, login, urlAs, trusted };
  }

  it("goes encrypted, with the login, and arrives byte by byte", async () => {
    const { server, login, urlAs, trusted } = await aServer();
    expect(await send(mailerFor(urlAs(login), trusted))).toBe("TAKEN");
    const [mail] = await server.taken();
    expect(mail).toMatchObject({ from, to: ["dicejobs@dice.com"], encrypted: true, user: "ana" });
    const { attachments } = await PostalMime.parse(mail?.bytes ?? "");
    expect(Buffer.from(attachments[0]?.content as ArrayBuffer).equals(bytes)).toBe(true);
  });

  it("takes an attachment of ten million bytes", async () => {
    const { server, login, urlAs, trusted } = await aServer();
    const large = { ...aMail.attachment, bytes: Buffer.alloc(10_000_000, "jobs and jobs\n") };
    expect(await send(mailerFor(urlAs(login), trusted), { attachment: large })).toBe("TAKEN");
    const { attachments } = await PostalMime.parse((await server.taken())[0]?.bytes ?? "");
    expect(Buffer.from(attachments[0]?.content as ArrayBuffer).equals(large.bytes)).toBe(true);
  });

  it("says when that is more than the server takes", async () => {
    const { login, urlAs, trusted } = await aServer({ certificate, maxBytes: 1000 });
    const failure = await failureOf(send(mailerFor(urlAs(login), trusted)));
    expect(failure).toMatchObject({ code: "PROVIDER_REFUSED", remedy: expect.stringContaining("larger") });
  });

  it("says when the login is refused, without repeating it", async () => {
    const { server, urlAs, trusted } = await aServer();
    const failure = await failureOf(send(mailerFor(urlAs("ana:wrong-s3cret"), trusted)));
    expect(failure).toMatchObject({ code: "NOT_CONFIGURED", retryable: false, providerCode: "535" });
    expect(inspect(failure, { depth: 10 })).not.toContain("wrong-s3cret");
    expect(await server.taken()).toEqual([]);
  });

  it("hands nothing to a server whose certificate nobody vouches for, or that is another one's", async () => {
    const { server, login, urlAs, trusted } = await aServer();
    for (const mailer of [mailerFor(urlAs(login), { resolve }), mailerFor(urlAs(login, "other.test"), trusted)]) {
      expect(await failureOf(send(mailer))).toMatchObject({
        code: "NOT_CONFIGURED",
        message: expect.stringContaining("certificate"),
      });
    }
    expect(await server.taken()).toEqual([]);
  });

  it("goes encrypted from the beginning where the address says so", async () => {
    const { urlAs, trusted, login } = await aServer({ certificate, isEncryptedFromTheBeginning: true });
    const url = (host: string) => urlAs(login, host).replace("smtp:", "smtps:");
    // It is spoken with, and has no logins: so far a stranger's certificate does not let anybody come.
    expect(await failureOf(send(mailerFor(url("mail.test"), trusted)))).toMatchObject({ providerCode: "530" });
    const other = await failureOf(send(mailerFor(url("other.test"), trusted)));
    expect(other).toMatchObject({ code: "NOT_CONFIGURED", message: expect.stringContaining("certificate") });
  });

  it("says when a server takes no login, and wants one", async () => {
    const { login, urlAs } = await aServer({});
    const failure = await failureOf(send(mailerFor(urlAs(login, "127.0.0.1"))));
    expect(failure).toMatchObject({ code: "NOT_CONFIGURED", providerCode: "530" });
  });
});
