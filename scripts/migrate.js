import { join } from "node:path";
import { importCompiled } from "./compiled.js";

// Brings the tables up to date without starting the service; with several processes, run it once before them. It needs
// the two database settings and no others.
const { migrate } = await importCompiled("src/database/migrate.js");
const { startEmbeddedPostgres } = await importCompiled("src/database/embedded-postgres.js");
const { Queue } = await importCompiled("src/queue/queue.js");

const dataDirectory = join(process.env["DATA_DIR"] || ".data", "postgres");
const embedded = process.env["DATABASE_URL"] ? undefined : await startEmbeddedPostgres({ dataDirectory });
const workingUrl = process.env["DATABASE_URL"] || embedded.url;
try {
  await migrate(process.env["DATABASE_ADMIN_URL"] || workingUrl, workingUrl, Queue.install);
  console.log("The database is up to date.");
} finally {
  await embedded?.stop();
}
