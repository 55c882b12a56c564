import { type Logger, type LoggerOptions, pino } from "pino";

/** Names of fields that may hold a secret, wherever they turn up. */
const secretName = /authorization|password|secret|token|api_?-?key|credential|cookie|sealed|^raw$/i;
/** Secrets in running text: what a header carries, and the login in an address. */
const secretText = /\b(Basic|Bearer|Digest|[\w-]*oauthtoken)\s+[^\s"\\]+|(?<=:\/\/)[^\s"\\/@]+(?=@)/gi;
const censor = "[redacted]";
const maxDepth = 8;

/** Structured logs, one JSON object a line, without secrets: by the names of fields at any depth, and in texts. */
export function createLog(level: string, destination?: { write(line: string): void }): Logger {
  const options: LoggerOptions = {
    level,
    base: { service: "integrations" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (fields) => withoutSecrets(fields, maxDepth) as Record<string, unknown> },
    // Errors are fields already when a serializer sees them.
    serializers: { err: (fields: unknown) => fields },
    hooks: {
      streamWrite: (line) =>
        line.replaceAll(secretText, (_, scheme?: string) => (scheme ? `${scheme} ${censor}` : censor)),
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

function withoutSecrets(value: unknown, depth: number): unknown {
  if (value instanceof Error) return errorFields(value, depth);
  if (typeof value !== "object" || value === null || value instanceof Date || "toJSON" in value) return value;
  if (depth === 0) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const isSecret = secretName.test(name) && (typeof inner === "string" || typeof inner === "object");
      return [name, isSecret ? censor : withoutSecrets(inner, depth - 1)];
    }),
  );
}

/** Of an error: what it is and where, through its causes. Fields that libraries hang on errors may hold whole requests. */
function errorFields({ name, message, stack, cause, ...fields }: Error, depth: number): Record<string, unknown> {
  const code = "code" in fields ? fields.code : undefined;
  return {
    type: name,
    message,
    code,
    stack,
    ...(cause instanceof Error && depth > 0 && { cause: errorFields(cause, depth - 1) }),
  };
}
