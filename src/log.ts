import { type Logger, pino } from "pino";

/** Names of fields that may hold a secret, wherever they turn up. */
const secretFields = [
  "authorization",
  "password",
  "secret",
  "token",
  "apiKey",
  "credentials",
  "credential",
  "cookie",
  "sealed",
  "raw",
];

/** Structured logs, one JSON object a line. Secrets are cut out by the names of their fields, three levels deep. */
export function createLog(level: string, destination?: { write(line: string): void }): Logger {
  const paths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const options = {
    level,
    base: { service: "integrations" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: "[redacted]" },
    serializers: { err: errorFields },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Of an error: what it is and where, through its causes. Fields that libraries hang on errors may hold whole requests. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  return { type: name, message, code, stack, ...(cause instanceof Error && { cause: errorFields(cause) }) };
}
