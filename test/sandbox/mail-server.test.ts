import { createTransport } from "nodemailer";
import { describe, expect, it, onTestFinished } from "vitest";
import { MailServer } from "../../sandbox/mail-server.ts";
import { aBatch, aDice, aDoc } from "../support/dice-client.ts";

const batch = aBatch([aDoc("A")]);

describe("the stand-in of a mail server", () => {
  it("asks for its login, and says by what settings it is used", async () => {
    const { sandbox, send } = await aDice();
    expect(sandbox.settings).toMatchObject({
      SMTP_URL: expect.stringMatching(/^smtp:\/\/sandbox:sandbox-mail@127\.0\.0\.1:\d+$/),
      SMTP_FROM: "jobs@sandbox.example",
    });
    await expect(send(batch)).resolves.toBeUndefined();
    const wrong = (sandbox.settings["SMTP_URL"] ?? "").replace("sandbox-mail", "wrong");
    const mail = { from: "a@sandbox.example", to: "dicejobs@dice.com", text: "" };
    await expect(createTransport(wrong).sendMail(mail)).rejects.toMatchObject({ code: "EAUTH", responseCode: 535 });
    const anonymous = `smtp://${new URL(wrong).host}`;
    await expect(createTransport(anonymous).sendMail(mail)).rejects.toMatchObject({ responseCode: 530 });
  });

  it("takes mail for whomever, and lets nothing leave this machine", async () => {
    const { twin, send } = await aDice();
    await expect(send(batch, { to: "somebody@else.example" })).resolves.toBeUndefined();
    expect(twin.mails()).toEqual([]);
  });

  it.each([
    { fault: "down", error: { code: "ECONNECTION" } },
    { fault: "unauthorized", error: { code: "EAUTH", responseCode: 535 } },
    { fault: "busy", error: { responseCode: 451 } },
    { fault: "full", error: { responseCode: 552 } },
    { fault: "refused", error: { responseCode: 550 } },
    { fault: "cut-off", error: { code: "ECONNECTION" } },
  ] as const)("fails as it is told, and so often: $fault", async ({ fault, error }) => {
    const { sandbox, twin, send } = await aDice();
    sandbox.mailServer.fail(fault, { times: 1 });
    await expect(send(batch)).rejects.toMatchObject(error);
    expect(twin.mails()).toEqual([]);
    await expect(send(batch)).resolves.toBeUndefined();
  });

  it("can deliver a mail, and hang up before it says so", async () => {
    const { sandbox, twin, send } = await aDice();
    sandbox.mailServer.fail("answer-lost");
    await expect(send(batch)).rejects.toMatchObject({ code: "ECONNECTION" });
    expect(twin.mails()).toHaveLength(1);
    sandbox.mailServer.recover();
    await expect(send(batch)).resolves.toBeUndefined();
  });

  it("takes another port when its own is taken", async () => {
    const servers = [new MailServer(async () => {}), new MailServer(async () => {})];
    onTestFinished(async () => {
      for (const server of servers) await server.stop();
    });
    const ports: string[] = [];
    for (const server of servers) {
      await server.listen(Number(ports[0] ?? 0));
      ports.push(new URL(server.settings["SMTP_URL"] ?? "").port);
    }
    expect(new Set(ports).size).toBe(2);
  });
});
