import { AbstractLogger, DataSource, type LogLevel, type LogMessage } from "typeorm";
import { migrations } from "../../migrations/index.ts";
import * as entities from "../entities/index.ts";

export interface DataSourceOptions {
  /** Enough for what stands at the doors, and for tasks that wait for each other. */
  readonly poolSize?: number;
  /** Told of every statement, without its parameters. */
  readonly onStatement?: ((sql: string) => void) | undefined;
}

/** TypeORM on this database. Nothing is opened before `initialize()`. */
export function createDataSource(url: string, { poolSize = 16, onStatement }: DataSourceOptions = {}): DataSource {
  return new DataSource({
    type: "postgres",
    url,
    entities: Object.values(entities),
    migrations: [...migrations],
    migrationsTableName: "migration",
    poolSize,
    ...(onStatement && { logging: ["query"], logger: new StatementListener(onStatement) }),
    uuidExtension: "pgcrypto",
    installExtensions: false,
    // Loaders ask in parallel on one transaction's connection; pg queues them properly only in pipeline mode.
    extra: { pipeline: true, application_name: "integrations" },
  });
}

class StatementListener extends AbstractLogger {
  constructor(private readonly onStatement: (sql: string) => void) {
    super(["query"]);
  }

  protected override writeLog(
    _level: LogLevel,
    messages: LogMessage | string | number | (LogMessage | string | number)[],
  ): void {
    for (const message of [messages].flat())
      this.onStatement(String(typeof message === "object" ? message.message : message));
  }
}
