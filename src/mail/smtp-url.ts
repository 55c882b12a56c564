/** The operator's mail server, as SMTP_URL names it. */
export interface SmtpServer {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Encrypted from the beginning (`smtps:`), once the server has said that it can (STARTTLS, RFC 3207), or not at all. */
  readonly encryption: "from-the-beginning" | "starttls" | "none";
  /** Null where it wants none. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

const ports = { "smtps:": 465, "smtp:": 587 } as const;
const loopback = ["localhost", "127.0.0.1", "::1"];

/**
 * Reads `smtp://user:password@host:587` or `smtps://…:465`; user and password percent-encoded where they have to be. Over
 * `smtp:` the server has to offer encryption, unless it is on this machine, or `?tls=off` says that the network is the operator's own.
 *
 * @throws Error that says what is wrong, and repeats nothing
 */
export function readSmtpUrl(text: string): SmtpServer {
  if (!URL.canParse(text)) throw new Error("must be a URL such as smtp://user:password@host:587");
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== "smtp:" && protocol !== "smtps:") throw new Error("must begin with smtp:// or smtps://");
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (host === "") throw new Error("must name a host");
  if (pathname.replace("/", "") !== "" || hash !== "") throw new Error("must end after host, port and ?tls=off");
  if (search !== "" && !(search === "?tls=off" && protocol === "smtp:")) {
    throw new Error("may have ?tls=off after smtp://…, and nothing else");
  }
  const isOpen = search !== "" || loopback.includes(host.toLowerCase());
  return {
    host,
    port: port === "" ? ports[protocol] : Number(port),
    encryption: protocol === "smtps:" ? "from-the-beginning" : isOpen ? "none" : "starttls",
    login: username === "" ? null : { user: decoded(username), password: decoded(password) },
  };
}

/** As the egress policy knows it. */
export function originOfSmtp({ host, port }: Pick<SmtpServer, "host" | "port">): string {
  return `smtp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error("has a % in the login that stands for nothing: write %25");
  }
}
