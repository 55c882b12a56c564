import { randomBytes } from "node:crypto";
import { signDevelopmentToken } from "../../src/security/development-token.ts";
import { newId } from "../../src/services/id.ts";
import { scopes } from "../../src/services/viewer.ts";
import { CommandedProcess } from "../drill/child-process.ts";
import type { Drill } from "../drill/drill.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../drill/temporary-database.ts";
import type { StreamCommands, StreamSetup } from "./worker.ts";

type Worker = CommandedProcess<StreamCommands>;

/** A tenant with an integration that things happen to. */
export interface Tenancy {
  readonly tenantId: string;
  readonly integrationId: string;
  readonly token: string;
}

/** A process of the service, and where it is. */
export interface Service {
  readonly worker: Worker;
  readonly url: string;
  readonly wsUrl: string;
}

/** Several processes of the service on one database. */
export class Site {
  private names = 0;

  private constructor(
    readonly database: TemporaryDatabase,
    private readonly setup: StreamSetup,
    readonly services: Service[],
  ) {}

  static async open(drill: Drill, howMany: number, callbackOrigins: readonly string[] = []): Promise<Site> {
    const database = await startTemporaryDatabase(drill);
    const secret = randomBytes(32).toString("hex");
    const encryptionKeys = `drill:${randomBytes(32).toString("base64")}`;
    const setup = { databaseUrl: database.url, secret, encryptionKeys, callbackOrigins };
    const site = new Site(database, setup, []);
    drill.atEnd(() => Promise.all(site.services.map(({ worker }) => worker.kill())));
    for (let number = 0; number < howMany; number += 1) site.services.push(await site.start());
    return site;
  }

  /** Another process takes the place of one that is killed without warning. */
  async killAndReplace(index: number): Promise<void> {
    const service = this.services[index];
    if (!service) throw new Error(`There is no process ${index}`);
    await service.worker.kill();
    this.services[index] = await this.start();
  }

  async tenancy(name: string): Promise<Tenancy> {
    const integrationId = newId(new Date());
    await this.database.query(
      `INSERT INTO integration (tenant_id, id, provider, ownership, owner_id, visibility, account_id, account_name, settings,
         status, consecutive_failures, simulated, created_at, updated_at)
       VALUES ($1, $2::uuid, 'CALDAV', 'TENANT', NULL, 'BUSY', $2::text, 'drill', '{}', 'ACTIVE', 0, true, now(), now())`,
      [name, integrationId],
    );
    const caller = { tenantId: name, userId: "ana", scopes, expiresInSeconds: 86_400 };
    return { tenantId: name, integrationId, token: await signDevelopmentToken(this.setup.secret, caller) };
  }

  /** The log as it is stored: what every reader must have read. */
  async log({ tenantId }: Tenancy): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(
      "SELECT id FROM event WHERE tenant_id = $1 ORDER BY position",
      [tenantId],
    );
    return rows.map(({ id }) => id);
  }

  private async start(): Promise<Service> {
    this.names += 1;
    const worker: Worker = await CommandedProcess.start(
      new URL("./worker.js", import.meta.url),
      `process ${this.names}`,
      this.setup,
    );
    return { worker, ...(await worker.ask("address", null)) };
  }
}
