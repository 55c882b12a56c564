import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CareerBuilderTwin } from "./careerbuilder-twin.ts";
import { VirtualClock } from "./clock.ts";
import { Control, type FaultyTwin, type SeenRequest } from "./control.ts";
import { DiceTwin } from "./dice-twin.ts";
import { FastmailTwin } from "./fastmail-twin.ts";
import { hangUp } from "./faults.ts";
import { frontPage } from "./front-page.ts";
import { GoogleCalendarTwin } from "./google-calendar-twin.ts";
import { ICloudTwin } from "./icloud-twin.ts";
import { IndeedTwin } from "./indeed-twin.ts";
import { LinkedInTwin } from "./linkedin-twin.ts";
import { type DeliveredMail, MailServer } from "./mail-server.ts";
import { MonsterTwin } from "./monster-twin.ts";
import { NextcloudTwin } from "./nextcloud-twin.ts";
import { OutlookCalendarTwin } from "./outlook-calendar-twin.ts";
import { RemoteOkTwin } from "./remote-ok-twin.ts";
import { StateFile } from "./state-file.ts";
import { html, json, type TwinReply, type TwinRequest } from "./twin.ts";
import { WeWorkRemotelyTwin } from "./we-work-remotely-twin.ts";
import { WebhookInboxTwin } from "./webhook-inbox-twin.ts";
import { ZipRecruiterTwin } from "./ziprecruiter-twin.ts";
import { ZohoCalendarTwin } from "./zoho-calendar-twin.ts";

export interface SandboxOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  /** Keeps accounts, consents and events over restarts. */
  readonly stateFile?: string;
  /** Begins with some accounts and events, where nothing is kept. */
  readonly seed?: boolean;
  readonly now?: () => Date;
}

/** Every vendor's stand-in on one server of the loopback, each below its own path. */
export interface Sandbox {
  readonly origin: string;
  /** Of the other servers that vendors have, where accounts are kept apart. */
  readonly furtherOrigins: readonly string[];
  /** What the service has to be configured with to use them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: VirtualClock;
  readonly googleCalendar: GoogleCalendarTwin;
  readonly outlookCalendar: OutlookCalendarTwin;
  readonly fastmail: FastmailTwin;
  readonly icloud: ICloudTwin;
  readonly nextcloud: NextcloudTwin;
  readonly zohoCalendar: ZohoCalendarTwin;
  readonly linkedin: LinkedInTwin;
  readonly indeed: IndeedTwin;
  readonly ziprecruiter: ZipRecruiterTwin;
  readonly weWorkRemotely: WeWorkRemotelyTwin;
  readonly remoteOk: RemoteOkTwin;
  readonly careerbuilder: CareerBuilderTwin;
  readonly monster: MonsterTwin;
  readonly dice: DiceTwin;
  /** A customer's server, to send webhooks to. */
  readonly webhookInbox: WebhookInboxTwin;
  /** By which the service sends mail. */
  readonly mailServer: MailServer;
  /** The latest requests, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** Tells vendors where the service is that uses them. Those that do not reach it go without. */
  serviceListens(publicUrl: string): Promise<void>;
  stop(): Promise<void>;
}

const maxSeen = 1000;
/** Further hosts, as vendors have that keep accounts apart; ports of the same address here, which need no DNS. */
const partitionCount = 2;

export async function startSandbox({
  port = 4100,
  stateFile,
  seed = false,
  now,
}: SandboxOptions = {}): Promise<Sandbox> {
  const clock = new VirtualClock(now);
  let origin = "";
  let partitions: readonly string[] = [];
  const optionsFor = (name: string) => ({ now: clock.now, origin: () => `${origin}/${name}`, seed });
  const googleCalendar = await GoogleCalendarTwin.create(optionsFor("google-calendar"));
  const outlookCalendar = new OutlookCalendarTwin(optionsFor("outlook-calendar"));
  const fastmail = new FastmailTwin(optionsFor("fastmail"));
  const icloud = new ICloudTwin({
    ...optionsFor("icloud"),
    partitions: () => partitions.map((partition) => `${partition}/icloud`),
  });
  const nextcloud = new NextcloudTwin(optionsFor("nextcloud"));
  const zohoCalendar = new ZohoCalendarTwin(optionsFor("zoho-calendar"));
  const linkedin = new LinkedInTwin(optionsFor("linkedin"));
  const indeed = new IndeedTwin(optionsFor("indeed"));
  const ziprecruiter = new ZipRecruiterTwin(optionsFor("ziprecruiter"));
  const weWorkRemotely = new WeWorkRemotelyTwin(optionsFor("we-work-remotely"));
  const remoteOk = new RemoteOkTwin(optionsFor("remote-ok"));
  const careerbuilder = new CareerBuilderTwin(optionsFor("careerbuilder"));
  const monster = new MonsterTwin(optionsFor("monster"));
  const dice = new DiceTwin(optionsFor("dice"));
  const webhookInbox = new WebhookInboxTwin(optionsFor("webhook-inbox"));
  const all: readonly FaultyTwin[] = [
    ...[googleCalendar, outlookCalendar, fastmail, icloud, nextcloud, zohoCalendar],
    ...[linkedin, indeed, ziprecruiter, weWorkRemotely, remoteOk, careerbuilder, monster, dice],
    webhookInbox,
  ];
  const twins = new Map(all.map((twin) => [twin.name, twin]));
  const requests: SeenRequest[] = [];
  const control = new Control(twins, clock, requests);

  async function answer(request: TwinRequest): Promise<TwinReply | typeof hangUp> {
    const [, name = "", ...rest] = request.path.split("/");
    const below = { ...request, path: `/${rest.join("/")}` };
    if (name === "") return html(200, frontPage(origin, [...twins.values()]));
    if (name === "_control") return control.handle(below);
    const twin = twins.get(name);
    if (!twin) return json(404, { error: `There is no ${name}; there are: ${[...twins.keys()].join(", ")}` });
    const reply = await twin.faults.answer(below, () => twin.handle(below));
    const { method, path, query, body } = below;
    const { authorization: _, cookie: __, ...headers } = below.headers;
    const status = reply === hangUp ? null : reply.status;
    requests.push({ twin: name, method, path, query: query.toString(), headers, body, at: clock.now(), status });
    if (requests.length > maxSeen) requests.shift();
    return reply;
  }

  async function deliver(mail: DeliveredMail): Promise<void> {
    for (const { mailbox } of all) if (mailbox && mail.to.includes(mailbox.address)) await mailbox.receive(mail);
  }
  const mailServer = new MailServer(deliver);

  const servers: Server[] = [];
  async function listen(at: number): Promise<string> {
    const server = createServer((incoming, outgoing) => {
      serve(incoming, outgoing, answer).catch((error: unknown) => {
        outgoing
          .writeHead(500, { "content-type": "text/plain" })
          .end(error instanceof Error ? error.stack : String(error));
      });
    });
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  origin = await listen(port);
  const partitionPorts = Array.from({ length: partitionCount }, (_, index) => (port === 0 ? 0 : port + 1 + index));
  partitions = await Promise.all(partitionPorts.map((at) => listen(at).catch(() => listen(0))));

  await mailServer.listen(port === 0 ? 0 : port + 1 + partitionCount);

  const file = stateFile === undefined ? null : new StateFile(stateFile, [...twins.values()]);
  const isKept = (await file?.load()) ?? false;
  // What was kept may be from before there was this twin.
  if (seed) for (const twin of all) if (!isKept || twin.accounts().length === 0) twin.seed?.();
  file?.start();

  return {
    origin,
    furtherOrigins: partitions,
    settings: Object.assign(
      { ...mailServer.settings },
      ...[...twins.values()].map((twin) => twin.settings(`${origin}/${twin.name}`)),
    ),
    clock,
    googleCalendar,
    outlookCalendar,
    fastmail,
    icloud,
    nextcloud,
    zohoCalendar,
    linkedin,
    indeed,
    ziprecruiter,
    weWorkRemotely,
    remoteOk,
    careerbuilder,
    monster,
    dice,
    webhookInbox,
    mailServer,
    requests,
    async serviceListens(publicUrl) {
      await Promise.allSettled(all.map((twin) => twin.serviceListens?.(publicUrl)));
    },
    async stop() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await mailServer.stop();
      await file?.stop();
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: (request: TwinRequest) => Promise<TwinReply | typeof hangUp>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? "/", "http://sandbox");
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
  const reply = await answer({
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString("utf8"),
  });
  if (reply === hangUp) {
    outgoing.destroy();
    return;
  }
  const body = Buffer.from(reply.body ?? "");
  outgoing.writeHead(reply.status, { ...reply.headers, "content-length": body.length });
  outgoing.end(body);
}
