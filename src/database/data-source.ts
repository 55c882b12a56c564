import { DataSource } from "typeorm";
import { migrations } from "../../migrations/index.ts";
import * as entities from "../entities/index.ts";

/** TypeORM on this database. Nothing is opened before `initialize()`. */
export function createDataSource(url: string, { poolSize = 10 }: { poolSize?: number } = {}): DataSource {
  return new DataSource({
    type: "postgres",
    url,
    entities: Object.values(entities),
    migrations: [...migrations],
    migrationsTableName: "migration",
    poolSize,
    uuidExtension: "pgcrypto",
    installExtensions: false,
    // Loaders ask in parallel on one transaction's connection; pg queues them properly only in pipeline mode.
    extra: { pipeline: true, application_name: "integrations" },
  });
}
