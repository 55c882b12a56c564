import { describe, expect, it } from "vitest";
import { originOfSmtp, readSmtpUrl } from "../../src/mail/smtp-url.ts";

describe("the address of a mail server", () => {
  it.each([
    ["smtp://mail.example.com", { host: "mail.example.com", port: 587, encryption: "starttls", login: null }],
    ["smtps://mail.example.com/", { host: "mail.example.com", port: 465, encryption: "from-the-beginning" }],
    ["smtps://mail.example.com:2465", { port: 2465 }],
    ["smtp://ana:s3cret@mail.example.com:25", { port: 25, login: { user: "ana", password: "s3cret" } }],
    ["smtp://ana%40example.com:p%2F%3Aw%25@m.test", { login: { user: "ana@example.com", password: "p/:w%" } }],
    ["smtp://mail.internal:25?tls=off", { host: "mail.internal", port: 25, encryption: "none" }],
    ["smtp://localhost:1025", { encryption: "none" }],
    ["smtp://127.0.0.1:1025", { encryption: "none" }],
    ["smtp://[::1]:1025", { host: "::1", encryption: "none" }],
    ["smtp://10.0.0.7:25", { encryption: "starttls" }],
  ])("%s is read as %j", (text, read) => {
    expect(readSmtpUrl(text)).toMatchObject(read);
  });

  it.each([
    ["mail.example.com", "a URL"],
    ["https://mail.example.com", "smtp://"],
    ["smtp://", "host"],
    ["smtp://mail.example.com/inbox", "must end"],
    ["smtp://mail.example.com?tls=maybe", "?tls=off"],
    ["smtps://mail.example.com?tls=off", "?tls=off"],
    ["smtp://ana:s3cret%@mail.example.com", "%25"],
  ])("%s is a mistake, which is told without repeating it", (text, says) => {
    expect(() => readSmtpUrl(text)).toThrow(says);
    expect(() => readSmtpUrl(text)).not.toThrow(/s3cret|inbox|maybe/);
  });

  it("is known by scheme, host and port, whatever its encryption", () => {
    expect(originOfSmtp(readSmtpUrl("smtps://ana:s3cret@Mail.example.com"))).toBe("smtp://Mail.example.com:465");
    expect(originOfSmtp(readSmtpUrl("smtp://[::1]:25"))).toBe("smtp://[::1]:25");
  });
});
